import { ask } from './api.js';
import { byId, element } from './element.js';
import { dataTime, span } from './words.js';

/** @typedef {import('./api.js').Answer} Answer */

const lookEveryMs = 30_000;

/**
 * The line above all: how new the figures are, whether the last run was good, what runs now.
 * @param {() => void} onOther called where the server shows another state than the page, should no event have told it
 */
export function freshnessBar(onOther) {
  /** @type {Answer | undefined} */
  let fresh;
  /** The line names the state that the page shows; what runs now is newer. @type {Answer['run']} */
  let shown = null;

  function draw() {
    if (fresh === undefined) return;
    byId('freshness').replaceChildren(...line(fresh, shown));
    const notes = byId('notes');
    notes.replaceChildren(...attention(fresh));
  }

  setInterval(() => void look(), lookEveryMs);
  async function look() {
    try {
      const next = await ask('freshness');
      fresh = next;
      if (next.run?.pin !== shown?.pin) onOther();
    } catch {
      // The stream says so where tillcast is away.
    }
    draw();
  }

  return {
    /** @param {Answer} next with the state that the page shows from now on */
    show(next) {
      fresh = next;
      shown = next.run;
      draw();
    },
    look,
    /** @param {string} text */
    trouble(text) {
      byId('notes').replaceChildren(element('p', { class: 'note bad', role: 'alert' }, `${text}.`));
    },
  };
}

/** @param {Answer} fresh @param {Answer['run']} run */
function line(fresh, run) {
  const chip = state(fresh);
  const next =
    fresh.next_slot === null ? 'no clock runs here' : `next at ${dataTime(fresh.next_slot.replace('T', ' '))} UTC`;
  if (run === null) return [chip, element('span', {}, 'no data yet'), element('span', { class: 'quiet' }, next)];
  const age = run.published_at === null ? null : (Date.now() - Date.parse(run.published_at)) / 1000;
  const old = age !== null && isOld(fresh, age);
  return [
    element(
      'span',
      { class: old ? 'stale' : null },
      'data to ',
      element('b', {}, `${dataTime(run.as_of_utc ?? '')} UTC`),
    ),
    element(
      'span',
      {},
      'run ',
      element('a', { href: `/runs/${run.run_id}` }, run.run_id),
      run.state === 'counted' ? ' (counted, not yet published)' : '',
    ),
    age === null
      ? null
      : element(
          'span',
          { class: old ? 'stale' : null },
          `${span(Math.max(0, age))} ago`,
          old ? ' – older than two periods' : '',
        ),
    chip,
    element('span', { class: 'quiet' }, fresh.clock_paused ? 'the clock is paused' : next),
  ].filter((part) => part !== null);
}

/**
 * The server's word, which knows a schedule's nights; where it was given too long ago (tillcast is away), two periods of now.
 * @param {Answer} fresh @param {number} ageSeconds
 */
function isOld(fresh, ageSeconds) {
  const justNow = Math.abs(Date.now() - Date.parse(fresh.now)) < 2 * lookEveryMs;
  return justNow ? fresh.stale : ageSeconds > 2 * fresh.period_seconds;
}

/** @param {Answer} fresh */
function state({ open_run: open, last_run: last }) {
  if (open !== null) {
    const step = open.step === null ? 'begins' : `step ${open.step}`;
    const attempt = open.attempt !== null && open.attempt > 1 ? `, attempt ${open.attempt}` : '';
    return element('span', { class: 'status running' }, `a run is under way: ${step}${attempt}`);
  }
  if (last === null) return element('span', { class: 'status' }, 'no run yet');
  const words = {
    succeeded: 'last run good',
    succeeded_with_warnings: 'last run with warnings',
    failed: 'last run failed',
  };
  const status = /** @type {keyof typeof words} */ (last.status);
  return element('span', { class: `status ${status}` }, words[status] ?? status);
}

/** @param {Answer} fresh */
function attention(fresh) {
  const { last_run: last, open_run: open, late_slot: late, clock_paused: paused } = fresh;
  const notes = [];
  const run = (/** @type {string} */ id) => element('a', { href: `/runs/${id}` }, id);
  if (last?.status === 'failed' && open === null) {
    const text = [
      element('b', {}, 'The newest run failed. '),
      run(last.run_id),
      `: ${last.reason ?? 'no reason was recorded'}. `,
    ];
    notes.push(
      element('p', { class: 'note bad', role: 'alert' }, ...text, element('a', { href: '/runs' }, 'Try it again')),
    );
  }
  if (late !== null && open === null && !paused) {
    const text = `The slot of ${dataTime(late.replace('T', ' '))} UTC has had no good run. `;
    notes.push(
      element(
        'p',
        { class: 'note warn', role: 'alert' },
        element('b', {}, 'Late. '),
        text,
        element('a', { href: '/runs' }, 'See the runs'),
      ),
    );
  }
  if (paused)
    notes.push(
      element(
        'p',
        { class: 'note warn' },
        element('b', {}, 'The clock is paused. '),
        'No run starts by itself. ',
        element('a', { href: '/runs' }, 'Let it go on'),
      ),
    );
  if (last?.status === 'succeeded_with_warnings' && last.warnings.length > 0) {
    notes.push(
      element(
        'details',
        { class: 'note warn' },
        element(
          'summary',
          {},
          `The last run had ${last.warnings.length === 1 ? 'a warning' : `${last.warnings.length} warnings`}`,
        ),
        ...last.warnings.map((/** @type {string} */ text) => element('p', {}, text)),
      ),
    );
  }
  return notes;
}
