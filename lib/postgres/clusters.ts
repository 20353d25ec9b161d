import type pg from 'pg';
import type { ItemClusters } from '../core/cluster/itemClusters.ts';
import type { ItemDemand } from '../core/cluster/itemDemand.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { sqlFile } from './sqlFile.ts';

/** First days of what is read, `yyyy-MM-dd`; all of it ends before `until`. */
export type ClusterWindow = Readonly<{ from: string; hoursFrom: string; activeFrom: string; until: string }>;

type DayRow = {
  item_id: number;
  days: number;
  demand_days: number;
  units: number;
  sum_of_squares: number;
  weekdays: (number | null)[];
  months: (number | null)[];
};
type HourRow = { item_id: number; hours: number[]; units: number[] };

/**
 * Demand of each item that sold since `activeFrom`, over all stores, by item id. Cost is bounded by the window, and
 * memory by the items.
 * @throws TillcastError ETL_PG
 */
export async function readItemDemand(db: Database, window: ClusterWindow): Promise<ItemDemand[]> {
  const { days, hours } = await inTransaction(
    db,
    async (client) => ({
      days: await query<DayRow>(client, sqlFile('forecast/cluster_days.sql'), [
        window.from,
        window.until,
        window.activeFrom,
      ]),
      hours: await query<HourRow>(client, sqlFile('forecast/cluster_hours.sql'), [window.hoursFrom, window.until]),
    }),
    { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' },
  );
  const hoursOf = new Map(hours.map((row) => [row.item_id, row]));
  return days.map((row) => {
    const byHour = new Float64Array(24);
    const sold = hoursOf.get(row.item_id);
    sold?.hours.forEach((hour, at) => {
      byHour[hour] = sold.units[at] as number;
    });
    return {
      itemId: row.item_id,
      days: row.days,
      demandDays: row.demand_days,
      units: row.units,
      sumOfSquares: row.sum_of_squares,
      weekdays: Float64Array.from(row.weekdays, (units) => units ?? 0),
      months: Float64Array.from(row.months, (units) => units ?? 0),
      hours: byHour,
    };
  });
}

/** Puts these clusters in the place of those that stand, for the run's holder alone. */
export async function writeClusters(db: Database, run: HeldRun, { clusterOf, profile }: ItemClusters): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, run);
    await client.query('DELETE FROM item_cluster; DELETE FROM cluster_profile');
    await query(client, 'INSERT INTO item_cluster SELECT * FROM unnest($1::bigint[], $2::text[])', [
      [...clusterOf.keys()],
      [...clusterOf.values()],
    ]);
    await insertProfile(client, profile);
  });
}

async function insertProfile(client: pg.PoolClient, profile: ItemClusters['profile']): Promise<void> {
  await query(
    client,
    `INSERT INTO cluster_profile SELECT * FROM unnest(
       $1::text[], $2::text[], $3::smallint[], $4::numeric[], $5::numeric[], $6::integer[], $7::bigint[])`,
    [
      profile.map(({ clusterId }) => clusterId),
      profile.map(({ dimension }) => dimension),
      profile.map(({ bucket }) => bucket),
      profile.map(({ share }) => share),
      profile.map(({ index }) => index),
      profile.map(({ items }) => items),
      profile.map(({ units }) => units),
    ],
  );
}
