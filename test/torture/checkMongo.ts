import { MongoClient } from 'mongodb';
import type { Expected } from '../support/oracle.ts';
import { mapDifferences, words } from './compare.ts';

type Document = Readonly<Record<string, unknown>>;
const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));

/** MongoDB's totals and the sums of its runs' deltas against the oracle. */
export async function mongoDifferences(url: string, name: string, oracle: Expected): Promise<string[]> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000, socketTimeoutMS: 30_000 });
  try {
    const db = client.db(`tillcast_${name}`);
    const items = (await db.collection('store_item').find().toArray()) as Document[];
    const deltas = (await db.collection('run_delta').find().toArray()) as Document[];
    const sums = new Map<string, bigint>();
    for (const row of deltas) {
      const pair = `${text(row.store_id)}|${text(row.item_id)}`;
      sums.set(pair, (sums.get(pair) ?? 0n) + BigInt(text(row.delta_quantity)));
    }
    return [
      ...mapDifferences(
        'MongoDB store_item',
        items.map((row) => ({
          pair: text(row._id),
          values: words(
            'delta',
            text(row.delta_quantity),
            'final',
            text(row.final_quantity),
            'counted',
            text(row.snapshot_quantity),
          ),
        })),
        oracle.inventory_current.map((row) => ({
          pair: `${row.store_id}|${row.item_id}`,
          values: words('delta', row.delta_quantity, 'final', row.final_quantity, 'counted', row.snapshot_quantity),
        })),
      ),
      ...mapDifferences(
        'MongoDB run_delta',
        [...sums].map(([pair, sum]) => ({ pair, values: String(sum) })),
        oracle.delta_quantity.map((row) => ({
          pair: `${row.store_id}|${row.item_id}`,
          values: row.delta_quantity ?? '',
        })),
      ),
    ];
  } finally {
    await client.close();
  }
}
