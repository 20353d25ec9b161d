import { type Database, inTransaction, query } from './pool.ts';

/**
 * Everything that is derived from PostgreSQL's events is to be made again by the next run: documents and CSVs, and with
 * `figures` also totals, days, months and run deltas (apply sees other rules than those they were derived by).
 */
export async function markDerivedStale(db: Database, figures: boolean): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query('UPDATE dataset SET mirror_stale = true, published_as = NULL');
    if (!figures) return;
    await client.query(`UPDATE dataset SET rules_fingerprint = ''`);
    await client.query('DELETE FROM run_delta');
    await query(
      client,
      `INSERT INTO run_delta (run_seq, store_id, item_id, delta_quantity)
       SELECT CASE WHEN r.folded THEN 0 ELSE e.run_seq END, e.store_id, e.item_id,
              sum(e.quantity) FILTER (WHERE NOT e.is_count)
       FROM inventory_event e JOIN run r USING (run_seq)
       WHERE NOT (r.folded AND e.is_count)
       GROUP BY 1, 2, 3
       ORDER BY 1, 2, 3`,
    );
  });
}
