import { type Html, html } from '../../lib/core/markup.ts';
import type { Run, RunStatus, RunTrigger } from '../../lib/postgres/ledger.ts';
import type { StepRow } from '../../lib/postgres/runSteps.ts';
import { ago, countOf, grouped, utcMinute } from '../words.ts';
import type { RunsView } from './runsView.ts';

export const statusWords: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  succeeded: 'succeeded',
  succeeded_with_warnings: 'succeeded with warnings',
  failed: 'failed',
};

export const triggerWords: Readonly<Record<RunTrigger, string>> = {
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
export function runsSection(shown: RunsView['runs'], step: StepRow | undefined, now: Date): Html {
  const { runs } = shown;
  if (shown.total === 0 && shown.status === null) {
    return html`<section><h2>Runs</h2><p class="empty">No run yet. <i>Run now</i> starts the first one.</p></section>`;
  }
  return html`<section id="newest"><h2>Newest runs</h2>
${filters(shown)}
<table class="runs">
<thead><tr><th>Run</th><th>Status</th><th>Started</th><th>Trigger</th><th class="number">Seconds</th>
<th class="number">New</th><th class="number">Duplicate</th><th class="number">Rejected</th><th class="number">Files refused</th></tr></thead>
<tbody>
${runs.map((run) => runRow(run, run.finished_at === null ? step : undefined, now))}
</tbody>
</table>${pages(shown)}</section>`;
}

function filters({ status }: RunsView['runs']): Html {
  const one = (value: RunStatus | null, label: string) =>
    html`<a href="/runs${value === null ? '' : `?status=${value}`}#newest"${value === status ? html` aria-current="true"` : null}>${label}</a> `;
  return html`<p class="filters">${one(null, 'all')}${one('failed', 'failed')}${one('succeeded_with_warnings', 'with warnings')}${one('succeeded', 'succeeded')}</p>`;
}

function pages({ total, page, size, status }: RunsView['runs']): Html {
  if (total <= size) return html`<p class="more">${countOf(total, 'run')}</p>`;
  const link = (to: number, label: string) =>
    to < 1 || (to - 1) * size >= total
      ? html`<span class="more">${label}</span>`
      : html`<a href="/runs?${status === null ? '' : `status=${status}&`}page=${to}#newest">${label}</a>`;
  return html`<p class="pages">${link(page - 1, '‹ newer')} <span>page ${page} of ${Math.ceil(total / size)}, ${countOf(total, 'run')}</span> ${link(page + 1, 'older ›')}</p>`;
}

function runRow(run: Run, step: StepRow | undefined, now: Date): Html {
  const said = remarks(run);
  const status = `${statusWords[run.status]}${step === undefined ? '' : `, ${step.step}`}`;
  return html`<tr>
<td class="id"><a href="/runs/${run.run_id}">${run.run_id}</a></td>
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
