import { type Html, html } from '../lib/core/markup.ts';

/** Where a page stands in the navigation. */
export type Place = 'dashboard' | 'runs' | 'none';

/**
 * `scripts` and `styles` are names under /public; scripts are modules, and start when the page is read.
 * `refreshSeconds`: the page looks again by itself at `/runs`, without script.
 */
type PageInput = Readonly<{
  title: string;
  body: Html;
  place?: Place;
  dataset?: string;
  scripts?: readonly string[];
  styles?: readonly string[];
  refresh?: Readonly<{ seconds: number; path: string }>;
}>;

const places = [
  ['dashboard', '/', 'Dashboard'],
  ['runs', '/runs', 'Runs'],
  ['queues', '/queues', 'Queue UI'],
] as const;

/** A whole page: head, navigation, `body` (with a `<main id="main">`), and the help that keys.js fills. */
export function page({ title, body, place = 'none', dataset, scripts = [], styles = [], refresh }: PageInput): string {
  // The refresh drops the query, so that a sentence about a press of a button is said once.
  const again =
    refresh === undefined
      ? null
      : html`<noscript><meta http-equiv="refresh" content="${refresh.seconds}; url=${refresh.path}"></noscript>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${again}
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/public/icon.svg">
<link rel="stylesheet" href="/public/page.css">
${styles.map((name) => html`<link rel="stylesheet" href="/public/${name}">\n`)}
<script src="/public/theme.js"></script>
<script type="module" src="/public/keys.js"></script>
${scripts.map((name) => html`<script type="module" src="/public/${name}"></script>\n`)}
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header class="top">
<p class="brand"><a href="/">tillcast</a>${dataset === undefined ? null : html` <span class="dataset">dataset <b>${dataset}</b></span>`}</p>
<nav aria-label="Pages">${places.map(([name, path, label]) => html`<a href="${path}"${name === place ? html` aria-current="page"` : null}>${label}</a> `)}</nav>
<p class="tools"><button type="button" class="small" id="theme" hidden>Theme</button>
<button type="button" class="small" id="help-open" hidden aria-keyshortcuts="?">Help <kbd>?</kbd></button></p>
</header>
${body}
</body>
</html>
`.markup;
}
