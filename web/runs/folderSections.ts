import { type Html, html } from '../../lib/core/markup.ts';
import type { ServiceInfo, ServiceName } from '../../local/services/types.ts';
import type { OutputFile } from '../outputFiles.ts';
import { ago, countOf, fileSize, sentence, utcMinute } from '../words.ts';
import type { InputView, RunsView } from './runsView.ts';

/** The CSVs that came out, each a download. */
export function outputSection({ folder, current, archived, tools }: RunsView['output'], now: Date): Html {
  const files =
    current.length === 0
      ? html`<p class="empty">No files yet: the first good run writes them.</p>`
      : html`<table class="files"><thead><tr><th>File</th><th class="number">Size</th><th>Written</th></tr></thead>
<tbody>${current.map((file) => outputRow(file, now))}</tbody></table>`;
  const closed =
    archived.length === 0
      ? null
      : html`<details><summary>${countOf(archived.length, 'closed month')} in archive/</summary>
<table class="files"><tbody>${archived.toReversed().map((file) => outputRow(file, now))}</tbody></table></details>`;
  const beside =
    tools.length === 0
      ? null
      : html`<details><summary>${countOf(tools.length, 'file')} for Tableau, Power BI and Excel (docs/bi.md)</summary>
<table class="files"><tbody>${tools.map((file) => outputRow(file, now))}</tbody></table></details>`;
  return html`<section><h2>Output</h2><p class="folder">${folder}</p>${files}${closed}${beside}</section>`;
}

function outputRow({ name, href, bytes, modified }: OutputFile, now: Date): Html {
  return html`<tr><td><a href="${href}" download>${name}</a></td><td class="number">${fileSize(bytes)}</td>${when(modified, now)}</tr>`;
}

/** The newest exports that came in. */
export function inputSection(input: InputView, now: Date): Html {
  if ('problem' in input) {
    return html`<section><h2>Input</h2><p class="note warn">${sentence(input.problem)}</p></section>`;
  }
  const { folder, newest, count, ignored, refused } = input;
  const more = [
    count > newest.length ? `${countOf(count - newest.length, 'older file')}` : '',
    ignored > 0 ? `${countOf(ignored, 'name')} ignored` : '',
  ].filter((text) => text !== '');
  const files =
    count === 0
      ? html`<p class="empty">No exports in this folder yet.</p>`
      : html`<table class="files"><thead><tr><th>Newest files</th><th class="number">Size</th><th>Changed</th></tr></thead>
<tbody>${newest.map(
          ({ name, sizeBytes, modifiedMs }) =>
            html`<tr><td>${name}</td><td class="number">${fileSize(sizeBytes)}</td>${when(new Date(modifiedMs), now)}</tr>`,
        )}</tbody></table>`;
  return html`<section><h2>Input</h2><p class="folder">${folder}</p>${files}
${more.length === 0 ? null : html`<p class="more">and ${more.join(', ')}</p>`}
${refused.map(({ name, reason }) => html`<p class="note warn">${name}: ${sentence(reason)}</p>`)}</section>`;
}

const originWords: Readonly<Record<ServiceInfo['origin'], string>> = {
  configured: 'as configured',
  docker: 'in Docker',
  native: 'started here',
  running: 'found running',
};

const serviceTitles: Readonly<Record<ServiceName, string>> = {
  kafka: 'Kafka',
  postgres: 'PostgreSQL',
  mongodb: 'MongoDB',
  redis: 'Redis',
};

/** Which server answers for each service: a benchmark or a complaint is worth little without. */
export function servicesSection(services: readonly ServiceInfo[]): Html {
  return html`<section><h2>Servers</h2><table class="files">
<thead><tr><th>Service</th><th>Server</th><th>Address</th></tr></thead>
<tbody>${services.map(
    ({ name, server, url, origin }) =>
      html`<tr><td class="service">${serviceTitles[name]}</td><td>${server} <span class="origin">${originWords[origin]}</span></td><td class="address">${withoutSecrets(url)}</td></tr>`,
  )}</tbody></table></section>`;
}

/** An address without user, password and options. @example withoutSecrets('redis://:p@h:1/0') // 'redis://h:1/0' */
export function withoutSecrets(address: string): string {
  return address.replace(/:\/\/.*@/s, '://').replace(/\?.*$/s, '');
}

function when(instant: Date, now: Date): Html {
  return html`<td class="when" title="${ago(instant, now)}"><time datetime="${instant.toISOString()}">${utcMinute(instant)}</time></td>`;
}
