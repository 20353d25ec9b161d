import { itemClusters } from '../lib/core/cluster/itemClusters.ts';
import { activeDays, clusterDay, hourDays, seasonMonths, windowDays } from '../lib/core/cluster/itemDemand.ts';
import { dateOf, dayNumber, monthsBefore } from '../lib/core/forecast/calendarDays.ts';
import { readItemDemand, writeClusters } from '../lib/postgres/clusters.ts';
import type { ForecastState } from '../lib/postgres/forecastState.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Groups items anew from closed days and writes clusters and profiles: for the first of the month of `asOfDate`,
 * see `clusterDay`. The same days give the same clusters; what stood before plays no part, so it has to
 * be called whenever a closed day changed.
 * @returns how many items are in a cluster
 * @throws TillcastError ETL_PG, ETL_STALE
 */
export async function refreshClusters(
  pipeline: Pipeline,
  run: Run,
  { asOfDate, firstDate }: Pick<ForecastState, 'asOfDate' | 'firstDate'>,
  signal: AbortSignal,
): Promise<number> {
  const { db } = pipeline;
  const firstDay = dayNumber(firstDate);
  const until = clusterDay(dayNumber(asOfDate), firstDay);
  const demands = await readItemDemand(db, {
    from: dateOf(until - windowDays),
    hoursFrom: dateOf(until - hourDays),
    activeFrom: dateOf(until - activeDays),
    until: dateOf(until),
  });
  signal.throwIfAborted();
  const clusters = itemClusters(demands, firstDay <= monthsBefore(until, seasonMonths));
  signal.throwIfAborted();
  await writeClusters(db, run, clusters);
  return clusters.clusterOf.size;
}
