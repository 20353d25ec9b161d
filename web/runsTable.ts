import type { Run, RunStatus, RunTrigger } from '../lib/postgres/ledger.ts';
import type { StepRow } from '../lib/postgres/runSteps.ts';
import { type Html, html } from './html.ts';
import { ago, countOf, grouped, utcMinute } from './words.ts';

const statusWords: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  succeeded: 'succeeded',
  succeeded_with_warnings: 'succeeded with warnings',
  failed: 'failed',
};

const triggerWords: Readonly<Record<RunTrigger, string>> = {
  clock: 'clock',
  'start-up': 'at start-up',
  sweep: 'sweep',
  hand: 'by hand',
  once: 'once',
  follow: 'follow',
  replay: 'replay',
  repair: 'verify --repair',
};

/** The newest runs, newest first; `step` is where the open one is. */
export function runsSection(runs: readonly Run[], step: StepRow | undefined, now: Date): Html {
  if (runs.length === 0) {
    return html`<section><h2>Runs</h2><p class="empty">No run yet. <i>Run now</i> starts the first one.</p></section>`;
  }
  return html`<section><h2>Newest runs</h2>
<table class="runs">
<thead><tr><th>Run</th><th>Status</th><th>Started</th><th>Trigger</th><th class="number">Seconds</th>
<th class="number">New</th><th class="number">Duplicate</th><th class="number">Rejected</th><th class="number">Files refused</th></tr></thead>
<tbody>
${runs.map((run) => runRow(run, run.finished_at === null ? step : undefined, now))}
</tbody>
</table></section>`;
}

function runRow(run: Run, step: StepRow | undefined, now: Date): Html {
  const said = remarks(run);
  const status = `${statusWords[run.status]}${step === undefined ? '' : `, ${step.step}`}`;
  return html`<tr>
<td class="id">${run.run_id}</td>
<td><span class="status ${run.status}"${said.length === 0 ? null : html` title="${said.join('\n')}"`}>${status}</span></td>
<td title="${ago(run.opened_at, now)}"><time datetime="${run.opened_at.toISOString()}">${utcMinute(run.opened_at)}</time></td>
<td>${triggerWords[run.trigger]}${slotWords(run)}</td>
${number('seconds', seconds(run, now))}
${number('new', grouped(run.rows_new))}
${number('duplicate', grouped(run.rows_duplicate))}
${number('rejected', grouped(run.rows_rejected), run.rows_rejected > 0)}
${number('files refused', grouped(run.files_refused), run.files_refused > 0)}
</tr>
${said.length === 0 ? null : html`<tr class="remarks ${run.status}"><td colspan="9">${said.map((remark) => html`<p>${remark}</p>`)}</td></tr>`}`;
}

function number(label: string, text: string, notable = false): Html {
  const look = notable ? ' notable' : text === '0' ? ' nothing' : '';
  return html`<td class="number${look}" data-label="${label}">${text}</td>`;
}

/** Why a run failed, and what it warns of; each its own line. */
function remarks(run: Run): string[] {
  return [...(run.reason === null || run.reason === '' ? [] : [run.reason]), ...run.warnings].filter(
    (remark, index, all) => all.indexOf(remark) === index,
  );
}

function slotWords(run: Run): string {
  if (run.covers.length > 1) return `, covers ${countOf(run.covers.length, 'slot')}`;
  return run.slot === null ? '' : `, ${utcMinute(run.slot).slice(11)}`;
}

function seconds(run: Run, now: Date): string {
  const ms = (run.finished_at ?? now).getTime() - run.opened_at.getTime();
  return (Math.max(0, ms) / 1000).toFixed(1);
}
