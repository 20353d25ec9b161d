import { createHash } from 'node:crypto';

/** A name's own identifier, the same each time, so that a workbook that is made again is the same text. */
export function guidOf(name: string): string {
  const hash = createHash('sha256').update(`tillcast tableau ${name}`).digest('hex').toUpperCase();
  // The digits that say "made from a name" (RFC 9562, version 8).
  return `{${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-A${hash.slice(17, 20)}-${hash.slice(20, 32)}}`;
}
