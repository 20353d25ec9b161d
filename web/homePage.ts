import type { StepRow } from '../lib/postgres/runSteps.ts';
import { inputSection, outputSection, servicesSection } from './homeFiles.ts';
import type { HomeView } from './homeView.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { runsSection } from './runsTable.ts';
import { ago, nextTime, sentence, span, utcMinute } from './words.ts';

const refreshWhileRunning = 3;
const refreshOtherwise = 30;

/** The home page as a whole document. */
export function homePage(view: HomeView): string {
  const body = html`<main id="main">
<h1>${freshness(view)}</h1>
${attention(view)}
${runNowBox(view)}
${runsSection(view.runs, view.open?.step, view.now)}
<div class="columns">
${outputSection(view.output, view.now)}
<div>
${inputSection(view.input, view.now)}
${servicesSection(view.services)}
</div>
</div>
</main>
<footer>All times are UTC. This page looks again by itself.</footer>`;
  const refreshSeconds = view.open === undefined ? refreshOtherwise : refreshWhileRunning;
  const refresh = { seconds: refreshSeconds, path: '/runs' };
  return page({ title: `tillcast · ${view.dataset}`, body, place: 'runs', dataset: view.dataset, refresh });
}

function freshness({ dataUntil, good, next, now }: HomeView): Html {
  const data = dataUntil === null ? html`No data yet` : html`Data to <b>${dataUntil.slice(0, 16)} UTC</b>`;
  const last =
    good === undefined
      ? html`no good run yet`
      : html`last good run <b>${good.run_id}</b>, ${ago(good.finished_at ?? good.opened_at, now)}`;
  const clock = next === null ? html`no clock runs here` : html`next at <b>${nextTime(next, now)}</b>`;
  return html`${data} · ${last} · ${clock}`;
}

/** What a person should know before anything else; nothing on a good day. */
function attention({ runs, open, late, word, troubles }: HomeView): Html[] {
  const newest = runs.find((run) => run.finished_at !== null);
  const boxes = troubles.map((trouble) => html`<p class="note warn" role="alert">${sentence(trouble)}</p>`);
  if (word !== undefined) boxes.push(html`<p class="note said" role="status">${sentence(word)}</p>`);
  if (newest?.status === 'failed') {
    boxes.push(html`<p class="note bad" role="alert"><b>The newest run failed.</b> ${newest.run_id}: ${sentence(newest.reason ?? 'no reason was recorded')}
${open === undefined ? 'Starting another run is safe: each event counts once, and it goes on where this one stopped.' : 'The run that is under way goes on where it stopped.'}</p>`);
  } else if (late !== undefined && open === undefined) {
    boxes.push(html`<p class="note warn" role="alert"><b>Late.</b> The slot of ${utcMinute(late)} UTC has had no good run.
Press <i>Run now</i>, or see in the <a href="/queues">queue UI</a> what waits: one run catches up on all that was missed.</p>`);
  }
  return boxes;
}

function runNowBox({ open, now }: HomeView): Html {
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
