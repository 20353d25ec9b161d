/** Markup that is safe to send: made by `html`, which escapes every value that is not markup itself. */
export type Html = Readonly<{ markup: string }>;

export type Content = Html | string | number | null | undefined | readonly Content[];

/**
 * A template for markup. Texts and numbers are escaped, lists are joined, null and undefined are nothing.
 * @example html`<b>${'<i>'}</b>`.markup // '<b>&lt;i&gt;</b>'
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: parts.map((part, index) => part + (index < values.length ? asMarkup(values[index]) : '')).join('') };
}

function asMarkup(content: Content): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content));
  return 'markup' in content ? content.markup : content.map(asMarkup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** The same for XML documents. */
export const xml = html;
