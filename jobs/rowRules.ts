import type { Settings } from '../config/settings.ts';
import { wallClock } from '../lib/core/localTime.ts';
import type { RowRules } from '../lib/core/parseRow.ts';

/** The rules of rows read at `now`: order of day and month, and the span of times believed, by each store's zone. */
export function rowRules(settings: Settings, zones: ReadonlyMap<number, string>, now: Date): RowRules {
  const latest = new Map<string, string>();
  const limit = new Date(now.getTime() + settings.maxFutureHours * 3_600_000);
  return {
    dateOrderOf: (storeId) => settings.dateOrderByStore.get(storeId) ?? settings.dateOrder,
    earliest: `${settings.minDate} 00:00:00`,
    latestOf(storeId) {
      const zone = zones.get(storeId) ?? settings.timeZone;
      const known = latest.get(zone) ?? wallClock(limit, zone);
      latest.set(zone, known);
      return known;
    },
  };
}
