const wholeNumber = /^[+-]?\d+(?:\.0+)?$/;

/**
 * A whole number as exports write it: `5`, `+5`, `007`, `3.0`. undefined for `3.5`, `1e3`, `NaN`, '' and anything
 * beyond ±`limit` (product.md, Settled in detail).
 * @example parseWholeNumber('+5', 100) // 5
 */
export function parseWholeNumber(text: string, limit: number): number | undefined {
  if (!wholeNumber.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) <= limit ? value + 0 : undefined;
}

/** The largest quantity of one row: PostgreSQL's integer. */
export const quantityLimit = 2_147_483_647;

/** The largest id: what a JavaScript number holds exactly. */
export const idLimit = Number.MAX_SAFE_INTEGER;

/** Whether an id was written with leading zeros, which another system may take for another id. */
export function hasLeadingZeros(text: string): boolean {
  const first = text.charCodeAt(0);
  const start = first === 43 || first === 45 ? 1 : 0;
  return text.length > start + 1 && text.charCodeAt(start) === 48 && text.charCodeAt(start + 1) !== 46;
}
