import { type Html, html } from '../../lib/core/markup.ts';
import { type Place, page } from '../page.ts';

/** A section that a script of public/board/ fills; `half` stands beside another where there is room. */
export type Slot = Readonly<{ id: string; title: string; half?: boolean }>;

type BoardInput = Readonly<{
  title: string;
  heading: Html;
  dataset: string;
  place?: Place;
  /** Of what: attributes of `<main>` that the script reads. */
  of?: Html;
  script: string;
  slots: readonly Slot[];
  kpis: boolean;
}>;

/** A frame with a line for freshness, filters and sections, as it stands before the first answer. */
export function boardPage({ title, heading, dataset, place = 'none', of, script, slots, kpis }: BoardInput): string {
  const body = html`<main id="main" class="board"${of}>
<h1 id="title">${heading}</h1>
<p id="freshness" class="freshness">Asking for the newest figures …</p>
<div id="notes"></div>
<p id="said" class="unseen" role="status"></p>
<section id="nothing" class="empty-state"><h2>No data yet</h2>
<p>The first run brings the exports of the input folder in; this page fills itself when it has published.</p>
<form method="post" action="/run"><button type="submit">Run now</button></form>
<p class="more">Where the files are expected, and what runs now: <a href="/runs">Runs</a>.</p></section>
<noscript><p class="note warn">This page draws its figures with JavaScript. The same figures are CSV files in the output folder, for download at <a href="/runs">Runs</a>, and JSON at /api (docs/api.md).</p></noscript>
${kpis ? html`<section id="kpis" class="bare" aria-label="Key figures" aria-busy="true"><div class="body"></div></section>` : null}
<section id="filters" class="bare filters" aria-label="Filters"><div class="body"></div></section>
<div class="slots">
${slots.map(slot)}
</div>
</main>
<footer>Store times are local, others UTC. Press <kbd>?</kbd> for keys. What the figures mean: docs/planning.md, docs/forecasting.md.</footer>`;
  return page({ title, body, place, dataset, scripts: [`board/${script}`], styles: ['board.css'] });
}

function slot({ id, title, half }: Slot): Html {
  return html`<section id="${id}" class="${half ? 'half' : 'whole'}" aria-labelledby="${id}-title" aria-busy="true">
<h2 id="${id}-title">${title}</h2>
<div class="body"><p class="empty">…</p></div>
</section>
`;
}
