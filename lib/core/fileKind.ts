/** What an export file holds, told by its name's prefix (product.md, Input). */
export type FileKind = 'change' | 'count' | 'changeType' | 'item' | 'store';

const exportName = /\.(?:csv|txt)(?:\.gz)?$/i;
const prefixes: readonly (readonly [prefix: string, kind: FileKind])[] = [
  ['inventory_change_type', 'changeType'],
  ['inventory_change_', 'change'],
  ['inventory_snapshot_', 'count'],
  ['item', 'item'],
  ['store', 'store'],
];

/**
 * The kind of a file by its name alone, undefined for what is no export and is listed as ignored.
 * @example fileKind('inventory_change_store001.csv.gz') // 'change'
 */
export function fileKind(name: string): FileKind | undefined {
  if (!exportName.test(name)) return undefined;
  const lower = name.toLowerCase();
  return prefixes.find(([prefix]) => lower.startsWith(prefix))?.[1];
}

/** Whether the file is compressed with gzip. */
export function isGzip(name: string): boolean {
  return /\.gz$/i.test(name);
}
