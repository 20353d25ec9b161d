import { hostileTexts } from '../fuzz/hostile.ts';

/** Hostile texts as item, store or change type names: values are trimmed, line breaks of any kind become one space. */
export const names = hostileTexts.map((text, at) => ({ id: 1_000 + at, written: text, kept: onOneLine(text) }));

/** Hostile texts as transaction or employee: trimmed, a transaction also without its braces; empty ones are none. */
export const ids = hostileTexts
  .map((text, at) => ({ id: 1_000 + at, written: text, kept: withoutBraces(text.trim()) }))
  .filter(({ kept }) => kept !== '');

/** Names of export files that a shell, a spreadsheet, SQL, a log or a path would take for something else. */
export const fileEndings = [
  ...[`'; DROP TABLE run; --`, `" OR 1=1`, '$(touch x)', '`id`', '..\\..\\x', '%s%n', '\\N', '\\.', "a,b'c", '=1+1'],
  ...[
    'a\nb',
    'a\rb',
    'a\tb',
    '\u202egpj',
    '💡é',
    'e\u0301',
    'a\u2028b',
    '<script>',
    '..',
    'a b ',
    '~',
    '*?[x]',
    '#$&;|',
  ],
  ...['{"run_id":"x","status":"succeeded"}', 'x'.repeat(220), 'constructor', '__proto__', '\u001b[31mred'],
];

export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function onOneLine(text: string): string {
  const parts = text.split(/[\n\v\f\r\u0085\u2028\u2029]/).map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' ');
}

function withoutBraces(text: string): string {
  return text.length > 1 && text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1).trim() : text;
}
