import { type Html, html } from './html.ts';

type PageInput = Readonly<{ title: string; body: Html; refreshSeconds?: number }>;

/** A whole page around `body`. It looks again by itself after `refreshSeconds`, without script. */
export function page({ title, body, refreshSeconds }: PageInput): string {
  // The refresh drops the query, so that a sentence about a press of a button is said once.
  const refresh =
    refreshSeconds === undefined ? null : html`<meta http-equiv="refresh" content="${refreshSeconds}; url=/">`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/public/icon.svg">
<link rel="stylesheet" href="/public/page.css">
</head>
<body>
${body}
</body>
</html>
`.markup;
}
