import { type Html, html } from '../../lib/core/markup.ts';
import type { StepRow } from '../../lib/postgres/runSteps.ts';
import { page } from '../page.ts';
import { ago, countOf, nextTime, sentence, span, utcMinute } from '../words.ts';
import { inputSection, outputSection, servicesSection } from './folderSections.ts';
import { gridSection } from './grid.ts';
import { runsSection } from './runsTable.ts';
import type { RunsView } from './runsView.ts';

const refreshWhileRunning = 3;
const refreshOtherwise = 30;

/** The page of runs as a whole document. */
export function runsPage(view: RunsView): string {
  const body = html`<main id="main">
<h1>${freshness(view)}</h1>
${attention(view)}
<div class="acts">${runNowBox(view)}
${clockBox(view)}</div>
${gridSection(view.grid)}
${runsSection(view.runs, view.open?.step, view.now)}
<div class="columns">
${outputSection(view.output, view.now)}
<div>
${inputSection(view.input, view.now)}
${servicesSection(view.services)}
${alertsSection(view)}
</div>
</div>
</main>
<footer>All times are UTC. This page looks again by itself.</footer>`;
  const refreshSeconds = view.open === undefined ? refreshOtherwise : refreshWhileRunning;
  const refresh = { seconds: refreshSeconds, path: '/runs' };
  return page({
    ...{ title: `Runs · tillcast · ${view.dataset}`, body, place: 'runs', dataset: view.dataset, refresh },
    ...{ scripts: ['runs.js'], styles: ['runs.css'] },
  });
}

function freshness({ dataUntil, good, next, now }: RunsView): Html {
  const data = dataUntil === null ? html`No data yet` : html`Data to <b>${dataUntil.slice(0, 16)} UTC</b>`;
  const last =
    good === undefined
      ? html`no good run yet`
      : html`last good run <b>${good.run_id}</b>, ${ago(good.finished_at ?? good.opened_at, now)}`;
  const clock = next === null ? html`no clock runs here` : html`next at <b>${nextTime(next, now)}</b>`;
  return html`${data} · ${last} · ${clock}`;
}

/** What a person should know before anything else; nothing on a good day. */
function attention({ newest, paused, open, late, word, troubles }: RunsView): Html[] {
  const boxes = troubles.map((trouble) => html`<p class="note warn" role="alert">${sentence(trouble)}</p>`);
  if (paused)
    boxes.push(
      html`<p class="note warn" role="alert"><b>The clock is paused.</b> No run starts by itself until it goes on.</p>`,
    );
  if (word !== undefined) boxes.push(html`<p class="note said" role="status">${sentence(word)}</p>`);
  if (newest?.status === 'failed') {
    boxes.push(html`<p class="note bad" role="alert"><b>The newest run failed.</b> <a href="/runs/${newest.run_id}">${newest.run_id}</a>: ${sentence(newest.reason ?? 'no reason was recorded')}
${open === undefined ? 'On its page it can be tried again. Starting another run is safe as well: each event counts once, and it goes on where this one stopped.' : 'The run that is under way goes on where it stopped.'}</p>`);
  } else if (late !== undefined && open === undefined) {
    boxes.push(html`<p class="note warn" role="alert"><b>Late.</b> The slot of ${utcMinute(late)} UTC has had no good run.
Press <i>Run now</i>, or see in the <a href="/queues">queue UI</a> what waits: one run catches up on all that was missed.</p>`);
  }
  return boxes;
}

function clockBox({ paused, next }: RunsView): Html {
  const [button, value, words] = paused
    ? ['Let the clock go on', 'no', html`<b>The clock is paused.</b> No run starts by itself.`]
    : ['Pause the clock', 'yes', html`The clock runs. Paused, no run starts by itself; nothing is lost.`];
  if (next === null && !paused) return html``;
  return html`<form class="run-now" method="post" action="/clock"><input type="hidden" name="paused" value="${value}"><button type="submit" class="second">${button}</button><p>${words}</p></form>`;
}

function alertsSection({ alerts }: RunsView): Html {
  const test = (kind: string, label: string) =>
    html`<form method="post" action="/alerts/test"><input type="hidden" name="kind" value="${kind}"><button type="submit" class="small">${label}</button></form>`;
  const words = alerts.set
    ? html`A webhook is told of each run that failed after its last attempt, and when there was no good run for ${countOf(alerts.periods, 'period')}.`
    : html`No webhook is set. With <code>ALERT_WEBHOOK</code> in .env, a chat or a pager is told of each run that failed for good, and when no good run came for ${countOf(alerts.periods, 'period')}.`;
  return html`<section><h2>Alerts</h2><p>${words}</p>${alerts.set ? html`<p class="tests">${test('failure', 'Test the failure alert')} ${test('absence', 'Test the absence alert')}</p>` : null}</section>`;
}

function runNowBox({ open, now }: RunsView): Html {
  const under =
    open === undefined
      ? html`<p>No run is under way.</p>`
      : html`<p role="status"><span class="status running">running</span> <b>${open.run.run_id}</b> for ${span(now.getTime() - open.run.opened_at.getTime())}: ${stepWords(open.step)}.
Another can be started when it is done.</p>`;
  return html`<form class="run-now" method="post" action="/run">
<button type="submit"${open === undefined ? null : html` disabled`}>Run now</button>
${under}
</form>`;
}

function stepWords(step: StepRow | undefined): string {
  if (step === undefined) return 'waiting for its first step';
  if (step.error !== null) return `step ${step.step} failed (${step.error}) and is tried again`;
  const attempt = step.attempt > 1 ? `, attempt ${step.attempt}` : '';
  return step.finished_at === null ? `step ${step.step}${attempt}` : `step ${step.step} done, the next begins`;
}
