import { allDocuments, type Mirror } from '../lib/mongo/mirror.ts';
import { everyItem, type MirrorItem } from '../lib/postgres/mirrorRows.ts';
import type { Pipeline } from './pipeline.ts';

export type MirrorDifferences = Readonly<{ pairs: readonly MirrorItem[]; strangers: readonly string[] }>;

/**
 * The pairs whose document is missing or tells other totals than PostgreSQL, and documents of pairs that PostgreSQL
 * does not know. Holds a short text per pair in memory: 100,000 pairs are some 20 MB.
 */
export async function mirrorDifferences(pipeline: Pipeline, mirror: Mirror): Promise<MirrorDifferences> {
  const documents = new Map<string, string>();
  for await (const document of allDocuments(mirror, 'store_item')) {
    documents.set(document._id, figures(document as unknown as MirrorItem));
  }
  const pairs: MirrorItem[] = [];
  for await (const block of everyItem(pipeline.db)) {
    for (const item of block) {
      const id = `${item.store_id}|${item.item_id}`;
      if (documents.get(id) !== figures(item)) pairs.push(item);
      documents.delete(id);
    }
  }
  return { pairs, strangers: [...documents.keys()] };
}

function figures({ delta_quantity, final_quantity, snapshot_quantity }: MirrorItem): string {
  return [delta_quantity, final_quantity, snapshot_quantity].map((value) => value ?? '').join('|');
}
