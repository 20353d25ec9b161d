import type { ChangeType } from '../core/changeTypes.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

export type ItemRow = Readonly<{
  itemId: number;
  name: string;
  supplierId: string;
  safetyStockQuantity: number | null;
}>;
export type StoreRow = Readonly<{ storeId: number; name: string; timeZone: string | null }>;

export type Reference = Readonly<{
  items: readonly ItemRow[];
  stores: readonly StoreRow[];
  changeTypes: readonly (ChangeType & { delivered: boolean })[];
  onlineStoreId: number;
  onlineBopisMovesStock: boolean;
}>;

/** `renamed`: had another name before. `shows`: rows of its events tell something else now. */
type Changed = Readonly<{ renamed: boolean; shows: boolean }>;

/**
 * Loads items, stores and change types by upsert; what vanished keeps its last value. Returns how many names changed
 * (not: were new). Where something changed that rows of closed months show (a name, a zone, of what has events), it is
 * remembered, so that those months are rewritten on the next closed day.
 */
export async function loadReference(
  db: Database,
  run: HeldRun,
  reference: Reference,
): Promise<{ namesChanged: number }> {
  const { items, stores, changeTypes } = reference;
  return inTransaction(db, async (client) => {
    // A process that was taken for dead must not put older names back.
    await holdRun(client, run);
    const changedItems = await query<Changed>(
      client,
      `WITH was AS (SELECT item_id, name FROM item), loaded AS (
         INSERT INTO item AS i (item_id, name, supplier_id, safety_stock_quantity)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
         ON CONFLICT (item_id) DO UPDATE SET name = excluded.name, supplier_id = excluded.supplier_id,
           safety_stock_quantity = excluded.safety_stock_quantity
         WHERE (i.name, i.supplier_id, i.safety_stock_quantity)
           IS DISTINCT FROM (excluded.name, excluded.supplier_id, excluded.safety_stock_quantity)
         RETURNING item_id, name)
       SELECT (was.item_id IS NOT NULL AND was.name IS DISTINCT FROM loaded.name) AS renamed,
              (coalesce(was.name, '') IS DISTINCT FROM coalesce(loaded.name, '')
               AND EXISTS (SELECT FROM item_trend t WHERE t.item_id = loaded.item_id)) AS shows
       FROM loaded LEFT JOIN was USING (item_id)`,
      [
        items.map((item) => item.itemId),
        items.map((item) => item.name),
        items.map((item) => item.supplierId),
        items.map((item) => item.safetyStockQuantity),
      ],
    );
    const changedStores = await query<Changed>(
      client,
      `WITH was AS (SELECT store_id, name, timezone FROM store), loaded AS (
         INSERT INTO store AS s (store_id, name, timezone)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
         ON CONFLICT (store_id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone
         WHERE (s.name, s.timezone) IS DISTINCT FROM (excluded.name, excluded.timezone)
         RETURNING store_id, name, timezone)
       SELECT (was.store_id IS NOT NULL AND was.name IS DISTINCT FROM loaded.name) AS renamed,
              ((coalesce(was.name, ''), was.timezone) IS DISTINCT FROM (coalesce(loaded.name, ''), loaded.timezone)
               AND EXISTS (SELECT FROM store_clock k WHERE k.store_id = loaded.store_id)) AS shows
       FROM loaded LEFT JOIN was USING (store_id)`,
      [stores.map((store) => store.storeId), stores.map((store) => store.name), stores.map((store) => store.timeZone)],
    );
    const changedTypes = await query<{ shows: boolean }>(
      client,
      `WITH was AS (SELECT change_type_id, change_type, role FROM change_type), loaded AS (
       INSERT INTO change_type AS c (change_type_id, change_type, role, delivered)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[])
       ON CONFLICT (change_type_id) DO UPDATE SET change_type = excluded.change_type, role = excluded.role,
         delivered = excluded.delivered
       WHERE (c.change_type, c.role, c.delivered)
         IS DISTINCT FROM (excluded.change_type, excluded.role, excluded.delivered)
       RETURNING change_type_id, change_type, role)
       SELECT ((was.change_type, was.role) IS DISTINCT FROM (loaded.change_type, loaded.role)
               AND EXISTS (SELECT FROM change_type_use u WHERE u.change_type_id = loaded.change_type_id)) AS shows
       FROM loaded LEFT JOIN was USING (change_type_id)`,
      [
        changeTypes.map((type) => type.changeTypeId),
        changeTypes.map((type) => type.changeType),
        changeTypes.map((type) => type.role),
        changeTypes.map((type) => type.delivered),
      ],
    );
    const goneTypes = await query<{ shows: boolean }>(
      client,
      `DELETE FROM change_type c WHERE NOT change_type_id = ANY ($1::bigint[])
       RETURNING EXISTS (SELECT FROM change_type_use u WHERE u.change_type_id = c.change_type_id) AS shows`,
      [changeTypes.map((type) => type.changeTypeId)],
    );
    const shows = [...changedItems, ...changedStores, ...changedTypes, ...goneTypes].some((row) => row.shows);
    await query(
      client,
      `UPDATE dataset SET online_store_id = $1, online_bopis_moves_stock = $2, names_changed = names_changed OR $3`,
      [reference.onlineStoreId, reference.onlineBopisMovesStock, shows],
    );
    return { namesChanged: [...changedItems, ...changedStores].filter((row) => row.renamed).length };
  });
}

/** Names of the time zones that the server knows, in lower case; Node's list may be newer, or hold plain offsets. */
export async function serverTimeZones(db: Database): Promise<Set<string>> {
  const zones = await query<{ name: string }>(db, 'SELECT lower(name) AS name FROM pg_timezone_names');
  return new Set(zones.map((zone) => zone.name));
}

/** Change types as delivered so far (id to name), and stores with their names and zones. */
export async function deliveredReference(db: Database): Promise<{
  changeTypes: Map<number, string>;
  stores: Map<number, { name: string; timeZone: string | null }>;
}> {
  const types = await query<{ change_type_id: number; change_type: string }>(
    db,
    'SELECT change_type_id, change_type FROM change_type WHERE delivered',
  );
  const stores = await query<{ store_id: number; name: string; timezone: string | null }>(
    db,
    'SELECT store_id, name, timezone FROM store',
  );
  return {
    changeTypes: new Map(types.map((row) => [row.change_type_id, row.change_type])),
    stores: new Map(stores.map((row) => [row.store_id, { name: row.name, timeZone: row.timezone }])),
  };
}
