import { keepingPlace } from './board/keepingPlace.js';
import { listen } from './board/stream.js';
import { onKey } from './keys.js';

/** Pages of runs are made by the server; this puts the newest one in place, and moves about in the grid. */

const whileRunningMs = 2_000;
const otherwiseMs = 30_000;
let asking = false;

/** The main part as it is now, without what was said about a press of a button. */
async function renew() {
  // A person who writes or has something marked is not to be disturbed.
  if (asking || document.hidden || String(getSelection()) !== '') return;
  asking = true;
  try {
    const answer = await fetch(location.pathname + withoutSaying(), { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    const now = document.querySelector('main');
    if (next === null || now === null) return;
    for (const saying of now.querySelectorAll('.note.said'))
      if (!next.querySelector('.note.said')) next.querySelector('h1')?.after(saying);
    keepingPlace(now, () => now.replaceChildren(...next.childNodes));
    oneStop(document.activeElement);
  } catch {
    // The next look tells whether tillcast is there again.
  } finally {
    asking = false;
  }
}

/**
 * Tab stops once in the grid, at the newest hour or where a person was; the arrows go on from there.
 * @param {Element | null} [at]
 */
function oneStop(at) {
  const cells = [...document.querySelectorAll('.grid a')];
  const newest = document.querySelector('.grid tbody tr:has(a)')?.querySelectorAll('a') ?? [];
  const stop = cells.includes(/** @type {Element} */ (at)) ? at : [...newest].at(-1);
  for (const cell of cells) /** @type {HTMLElement} */ (cell).tabIndex = cell === stop ? 0 : -1;
}
oneStop();

function withoutSaying() {
  const search = new URLSearchParams(location.search);
  search.delete('said');
  search.delete('job');
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function later() {
  const running = document.querySelector('main .status.running') !== null;
  setTimeout(() => void renew().finally(later), running ? whileRunningMs : otherwiseMs);
}
later();
listen(() => void renew());

document.addEventListener('keydown', (event) => {
  const cell = document.activeElement?.closest('td');
  const row = cell?.parentElement;
  if (
    !(cell instanceof HTMLTableCellElement) ||
    !(row instanceof HTMLTableRowElement) ||
    cell.closest('.grid') === null
  )
    return;
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const [down = 0, right = 0] = step;
  const rows = [...(row.parentElement?.children ?? [])];
  // Left and right go through time, from 0:00 to the day before; days stand newest first.
  const line =
    right === 0
      ? rows.map((other) => other.children[cell.cellIndex])
      : rows.reverse().flatMap((other) => [...other.children]);
  const way = down + right;
  // Hours without a run are passed over.
  for (let at = line.indexOf(cell) + way; at >= 0 && at < line.length; at += way) {
    const link = line[at]?.querySelector('a') ?? null;
    if (link !== null) {
      oneStop(link);
      return link.focus();
    }
  }
});

onKey('n', 'run now', () =>
  /** @type {HTMLButtonElement | null} */ (document.querySelector('form[action="/run"] button'))?.focus(),
);
