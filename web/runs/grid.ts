import { addDays } from '../../lib/core/calendar.ts';
import { type Html, html } from '../../lib/core/markup.ts';
import { type Cell, type GridDay, type GridRun, runGrid } from '../../lib/core/runGrid.ts';
import { slotsBetween } from '../../lib/core/slots.ts';
import type { Database } from '../../lib/postgres/pool.ts';
import { firstRunAt, type PastRun, runsSince } from '../../lib/postgres/runHistory.ts';
import { utcMinute } from '../words.ts';

/** A schedule by the minute has so many slots in 14 days. */
const mostSlots = 25_000;

/** The grid of the newest `days` UTC dates, today first. */
export async function readGrid(db: Database, schedule: string, days: number, now: Date): Promise<GridDay[]> {
  const today = now.toISOString().slice(0, 10);
  const dates = Array.from({ length: days }, (_, at) => addDays(today, -at));
  const from = new Date(`${dates.at(-1)}T00:00:00Z`);
  const until = new Date(`${addDays(today, 1)}T00:00:00Z`);
  const [runs, first] = await Promise.all([runsSince(db, from), firstRunAt(db)]);
  const slots = slotsBetween(schedule, new Date(from.getTime() - 1), new Date(until.getTime() - 1), mostSlots);
  return runGrid({ slots, runs: runs.map(asGridRun), firstRunAt: first, now, dates });
}

function asGridRun(run: PastRun): GridRun {
  return {
    runId: run.run_id,
    slot: run.slot,
    status: run.status,
    openedAt: run.opened_at,
    finishedAt: run.finished_at,
    readsFiles: run.reads_files,
    attempts: run.attempts,
  };
}

/** A sign and a word for each state, so that nobody needs the colours. */
export const cellSigns: Readonly<Record<Cell['state'], readonly [string, string]>> = {
  done: ['✓', 'done'],
  warned: ['!', 'done, with warnings'],
  failed: ['✕', 'failed'],
  running: ['▶', 'running'],
  covered: ['↷', 'covered by a later run'],
  missing: ['?', 'missing'],
  waiting: ['·', 'not yet'],
  before: ['', 'before the first run'],
  none: ['', 'no slot'],
};
const shown = ['done', 'warned', 'failed', 'running', 'covered', 'missing', 'waiting'] as const;

/** Hours × days with a link to each hour's run; the darker, the longer it took. */
export function gridSection(all: readonly GridDay[]): Html {
  // Days before the first run tell nothing.
  const first = all.findLastIndex(({ hours }) => hours.some(({ state }) => state !== 'before' && state !== 'none'));
  const days = all.slice(0, Math.max(2, first + 1));
  const usual = median(
    days.flatMap(({ hours }) => hours.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]))),
  );
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
  return html`<section aria-labelledby="grid-title"><h2 id="grid-title">Hours</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="Hours and days, UTC">
<table class="grid"><caption class="unseen">What became of each hour, UTC. Arrow keys go from hour to hour.</caption>
<thead><tr><th scope="col">UTC</th>${hours.map((hour) => html`<th scope="col">${hour}</th>`)}</tr></thead>
<tbody>${days.map(({ date, hours: cells }) => html`<tr><th scope="row">${date}</th>${cells.map((cell) => html`<td>${cellLink(cell, date, usual)}</td>`)}</tr>`)}</tbody>
</table></div>
<p class="legend">${shown.map((state) => html`<span><span class="cell ${state}" aria-hidden="true">${cellSigns[state][0]}</span> ${cellSigns[state][1]}</span> `)}
<span><span class="cell failed made-good" aria-hidden="true">✕</span> failed, made good by a later run</span>
<span><span class="cell done again" aria-hidden="true">✓</span> after another try</span>
<span><span class="cell done shade-1" aria-hidden="true"></span><span class="cell done shade-2" aria-hidden="true"></span><span class="cell done shade-3" aria-hidden="true"></span><span class="cell done shade-4" aria-hidden="true"></span> shorter to longer than usual</span></p></section>`;
}

function cellLink(cell: Cell, date: string, usual: number): Html {
  const [sign] = cellSigns[cell.state];
  const words = cellWords(cell, date);
  const again = `${cell.attempts > 1 ? ' again' : ''}${cell.state === 'failed' && cell.coveredBy !== null ? ' made-good' : ''}`;
  const look = `cell ${cell.state}${again}${cell.seconds === null ? '' : ` shade-${shade(cell.seconds, usual)}`}`;
  if (cell.runId === null)
    return html`<span class="${look}" title="${words}"><span aria-hidden="true">${sign}</span><span class="unseen">${words}</span></span>`;
  return html`<a class="${look}" href="/runs/${cell.runId}" title="${words}" aria-label="${words}">${sign}</a>`;
}

/** @example '2026-11-05 09:00: failed in 4.1 s after 3 attempts, run 20261105T0900Z; covered by 20261105T1000Z' */
export function cellWords(cell: Cell, date: string): string {
  const at = cell.slot === null ? `${date} ${String(cell.hour).padStart(2, '0')}:00` : utcMinute(cell.slot);
  const took = cell.seconds === null ? '' : ` in ${cell.seconds} s`;
  const tries = cell.attempts > 1 ? ` after ${cell.attempts} attempts` : '';
  const run = cell.runId === null || cell.state === 'covered' ? '' : `, run ${cell.runId}`;
  const cover =
    cell.coveredBy === null ? '' : cell.state === 'failed' ? `; covered by ${cell.coveredBy}` : `: ${cell.coveredBy}`;
  const more = cell.slots > 1 ? ` (the worst of ${cell.slots} slots)` : '';
  return `${at}: ${cellSigns[cell.state][1]}${took}${tries}${run}${cover}${more}`;
}

function shade(seconds: number, usual: number): number {
  if (seconds <= usual * 0.75) return 1;
  if (seconds <= usual * 1.25) return 2;
  return seconds <= usual * 2 ? 3 : 4;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
