import { type Html, html } from '../../lib/core/markup.ts';
import type { PastRun, ReadFile } from '../../lib/postgres/runHistory.ts';
import type { LogLine } from '../../lib/postgres/runLog.ts';
import type { StepRow } from '../../lib/postgres/runSteps.ts';
import { page } from '../page.ts';
import { countOf, fileSize, grouped, sentence, span, utcMinute } from '../words.ts';
import { statusWords, triggerWords } from './runsTable.ts';

/** All that a run's page shows. `retryLeft`: why trying it again would do nothing; undefined where it would. */
export type RunView = Readonly<{
  now: Date;
  dataset: string;
  run: PastRun;
  steps: readonly StepRow[];
  log: readonly LogLine[];
  files: readonly ReadFile[];
  filesInAll: number;
  word: string | undefined;
  retryLeft: string | undefined;
}>;

export function runPage(view: RunView): string {
  const { run, dataset, word } = view;
  const body = html`<main id="main">
<p class="more"><a href="/runs">All runs</a></p>
<h1 class="run-title">Run <b>${run.run_id}</b> <span class="status ${run.status}">${statusWords[run.status]}</span></h1>
${word === undefined ? null : html`<p class="note said" role="status">${sentence(word)}</p>`}
${run.reason === null || run.status !== 'failed' ? null : html`<p class="note bad" role="alert">${sentence(run.reason)}</p>`}
${run.warnings.map((warning) => html`<p class="note warn">${sentence(warning)}</p>`)}
${retryBox(view)}
<div class="columns">
${factsSection(view)}
${filesSection(view)}
</div>
${stepsSection(view)}
${logSection(view)}
</main>
<footer>All times are UTC. Kept in PostgreSQL, whatever becomes of the queue.</footer>`;
  return page({
    ...{ title: `Run ${run.run_id} · tillcast`, body, place: 'runs', dataset },
    ...{ scripts: ['runs.js'], styles: ['runs.css'] },
  });
}

function retryBox({ run, retryLeft }: RunView): Html | null {
  if (run.status !== 'failed') return null;
  if (retryLeft !== undefined) return html`<p class="note said">${sentence(retryLeft)}</p>`;
  return html`<form class="run-now" method="post" action="/runs/${run.run_id}/retry"><button type="submit">Try again</button>
<p>Goes on from the first step that is not done. Nothing is counted twice, however often it is tried.</p></form>`;
}

/** These go through the queue of the dataset; others have one of their own that is gone afterwards, or none. */
const queued: readonly string[] = ['clock', 'start-up', 'sweep', 'hand'];

function factsSection({ run, now }: RunView): Html {
  const took = (run.finished_at ?? now).getTime() - run.opened_at.getTime();
  const facts: readonly (readonly [string, Html | string | null])[] = [
    [
      'Started by',
      `${triggerWords[run.trigger]}${run.slot === null ? '' : `, for the slot of ${utcMinute(run.slot)}`}`,
    ],
    ['Makes good', run.covers.length < 2 ? null : coversWords(run)],
    ['Opened', utcMinute(run.opened_at)],
    ['Ended', run.finished_at === null ? 'not yet' : utcMinute(run.finished_at)],
    ['Took', took < 60_000 ? `${(took / 1000).toFixed(1)} s` : span(took)],
    ['Held by', run.finished_at === null ? (run.holder ?? 'nobody at this moment') : null],
    ['Rows read', grouped(run.rows_read)],
    ['new', grouped(run.rows_new)],
    ['duplicate', grouped(run.rows_duplicate)],
    ['rejected', grouped(run.rows_rejected)],
    ['Pairs changed', grouped(run.pairs_changed)],
    ['Files read', grouped(run.files)],
    ['Files refused', grouped(run.files_refused)],
    ['Jobs', queued.includes(run.trigger) ? jobLinks(run.run_id) : null],
  ];
  return html`<section><h2>This run</h2><dl class="facts">${facts.map(([name, value]) => (value === null ? null : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl></section>`;
}

function jobLinks(runId: string): Html {
  const link = (step: string) => html`<a href="/queues/queue/${step}/${step}-${runId}">${step}</a>`;
  return html`${link('produce')}, ${link('consume')} in the queue UI (kept there for a week)`;
}

function coversWords({ covers }: PastRun): string {
  const [first, last] = [covers[0], covers.at(-1)];
  return `${countOf(covers.length, 'slot')}: ${first === undefined ? '' : utcMinute(first)} to ${last === undefined ? '' : utcMinute(last)}`;
}

function filesSection({ files, filesInAll }: RunView): Html {
  const rest = filesInAll - files.length;
  if (files.length === 0) {
    return html`<section><h2>Files</h2><p class="empty">No file was read last by this run: later runs read on in what grew.</p></section>`;
  }
  return html`<section><h2>Files</h2><p class="more">Those that this run was the last to read.</p><div class="scrolls" tabindex="0" role="region" aria-label="Files"><table class="files">
<thead><tr><th>File</th><th>Kind</th><th class="number">Lines so far</th><th class="number">Size</th></tr></thead>
<tbody>${files.map(({ name, kind, applied_lines: lines, size_bytes: bytes }) => html`<tr><td>${name}</td><td>${kind}</td><td class="number">${grouped(lines)}</td><td class="number">${fileSize(bytes)}</td></tr>`)}</tbody></table></div>
${rest > 0 ? html`<p class="more">and ${countOf(rest, 'more file')}</p>` : null}</section>`;
}

function stepsSection({ run, steps, now }: RunView): Html {
  if (steps.length === 0) return html`<section><h2>Steps</h2><p class="empty">No step has begun.</p></section>`;
  const from = run.opened_at.getTime();
  const until = Math.max(...steps.map((step) => (step.finished_at ?? now).getTime()), from + 1);
  return html`<section><h2>Steps</h2><div class="scrolls" tabindex="0" role="region" aria-label="Steps"><table class="steps">
<thead><tr><th>Step</th><th class="number">Attempt</th><th>Began</th><th class="number">Seconds</th><th class="when-bar">When</th><th>What</th></tr></thead>
<tbody>${steps.map((step) => stepRow(step, from, until, now))}</tbody></table></div></section>`;
}

function stepRow(step: StepRow, from: number, until: number, now: Date): Html {
  const end = (step.finished_at ?? now).getTime();
  const seconds = (end - step.started_at.getTime()) / 1000;
  const state = step.error !== null ? 'failed' : step.finished_at === null ? 'running' : 'done';
  const [x, width] = [
    (step.started_at.getTime() - from) / (until - from),
    (end - step.started_at.getTime()) / (until - from),
  ];
  const bar = html`<svg class="bar ${state}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect x="${(100 * x).toFixed(2)}" y="0" width="${Math.max(0.6, 100 * width).toFixed(2)}" height="6"/></svg>`;
  const what = step.error ?? (step.finished_at === null ? 'under way' : detailWords(step));
  return html`<tr class="${state}"><td>${step.step}</td><td class="number">${step.attempt}</td><td><time datetime="${step.started_at.toISOString()}">${step.started_at.toISOString().slice(11, 19)}</time></td>
<td class="number">${seconds.toFixed(1)}</td><td>${bar}</td><td class="what">${step.error === null ? null : html`<b>failed:</b> `}${what}</td></tr>`;
}

function detailWords({ detail }: StepRow): string {
  return Object.entries(detail)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .map(([key, value]) => `${key.replaceAll('_', ' ')} ${typeof value === 'number' ? grouped(value) : value}`)
    .join(', ');
}

function logSection({ log }: RunView): Html {
  if (log.length === 0) return html`<section><h2>Log</h2><p class="empty">No line was kept.</p></section>`;
  return html`<section><h2>Log</h2><ol class="log">${log.map(({ said_at: at, line }) => html`<li><time datetime="${at.toISOString()}">${at.toISOString().slice(11, 19)}</time> ${line}</li>`)}</ol></section>`;
}
