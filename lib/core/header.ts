import type { FileKind } from './fileKind.ts';

/** A file with a header: an export, or the list of planning values (docs/planning.md). */
export type HeaderKind = FileKind | 'planning';

/** Columns that a file of a kind must have, and those it may have. Source: product.md, Input. */
export const columnsOf: Readonly<Record<HeaderKind, { required: readonly string[]; optional: readonly string[] }>> = {
  change: {
    required: ['trans_id', 'item_id', 'store_id', 'date_time', 'quantity', 'change_type_id'],
    optional: [],
  },
  count: { required: ['item_id', 'employee_id', 'store_id', 'date_time', 'quantity'], optional: [] },
  changeType: { required: ['change_type_id', 'change_type'], optional: [] },
  item: { required: ['item_id', 'name', 'supplier_id', 'safety_stock_quantity'], optional: [] },
  store: { required: ['store_id', 'name'], optional: ['timezone'] },
  planning: {
    required: ['scope', 'id'],
    optional: ['lead_time_days', 'review_period_days', 'service_level', 'pack_size'],
  },
};

/** Where each known column stands. `width` is the number of fields a line must have, `extra` what is ignored. */
export type Header = {
  readonly position: Readonly<Record<string, number>>;
  readonly names: readonly string[];
  readonly width: number;
  readonly extra: readonly string[];
};

export type HeaderResult = { readonly header: Header } | { readonly refusal: string };

/**
 * Reads the first line of a file. Any order and case; unknown columns are told, a leading `id` is not even that;
 * a missing or doubled required column refuses the file with a sentence.
 */
export function readHeader(fields: readonly string[], kind: HeaderKind): HeaderResult {
  const names = fields.map((field) => field.trim().toLowerCase());
  const { required, optional } = columnsOf[kind];
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    return {
      refusal: `the header lacks ${missing.join(', ')}: expected ${required.join(',')}, got ${shortened(names)}`,
    };
  }
  const known = [...required, ...optional];
  const doubled = known.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (doubled.length > 0) {
    return {
      refusal: `the header names ${doubled.join(', ')} twice, so its values are ambiguous: ${shortened(names)}`,
    };
  }
  const position = Object.fromEntries(known.map((column) => [column, names.indexOf(column)]));
  const extra = names.filter((name, index) => !known.includes(name) && !(index === 0 && name === 'id'));
  return { header: { position, names, width: names.length, extra } };
}

/** A first line that is no header at all may be a megabyte long. */
function shortened(names: readonly string[]): string {
  const line = names.join(',');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** Whether a line is the header once more, as files glued together have it. */
export function isHeaderAgain(fields: readonly string[], header: Header): boolean {
  return (
    fields.length === header.width && fields.every((field, index) => field.trim().toLowerCase() === header.names[index])
  );
}
