import { itemClusters } from '../lib/core/cluster/itemClusters.ts';
import { activeDays, hourDays, seasonMonths, windowDays } from '../lib/core/cluster/itemDemand.ts';
import { dateOf, dayNumber, monthsBefore } from '../lib/core/forecast/calendarDays.ts';
import { firstEventDate, readItemDemand, writeClusters } from '../lib/postgres/clusters.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Groups items anew from the closed days before `asOfDate` (`yyyy-MM-dd`) and writes clusters and profiles. The same
 * days give the same clusters; what stood before plays no part.
 * @returns how many items are in a cluster
 * @throws TillcastError ETL_PG
 */
export async function refreshClusters(pipeline: Pipeline, asOfDate: string, signal: AbortSignal): Promise<number> {
  const { db } = pipeline;
  const asOf = dayNumber(asOfDate);
  const demands = await readItemDemand(db, {
    from: dateOf(asOf - windowDays),
    hoursFrom: dateOf(asOf - hourDays),
    activeFrom: dateOf(asOf - activeDays),
    until: asOfDate,
  });
  signal.throwIfAborted();
  const first = await firstEventDate(db);
  const seasonal = first !== null && dayNumber(first) <= monthsBefore(asOf, seasonMonths);
  const clusters = itemClusters(demands, seasonal);
  signal.throwIfAborted();
  await writeClusters(db, clusters);
  return clusters.clusterOf.size;
}
