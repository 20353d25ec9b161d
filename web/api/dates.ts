import { addDays } from '../../lib/core/calendar.ts';
import type { PublishedView } from '../../lib/postgres/view/publishedView.ts';
import type { DateRange } from '../../lib/postgres/view/sales.ts';
import { RequestError } from './problem.ts';

/** Before the first event any date will do. */
const noDate = '1970-01-01';

/**
 * The dates that are asked for: both ends inclusive, the newest `defaultDays` up to as_of's date where none are named.
 * @throws RequestError 400
 */
export function dateRange(
  view: PublishedView,
  asked: Readonly<{ from?: string | undefined; to?: string | undefined }>,
  defaultDays: number,
  maxDays: number,
): DateRange {
  const to = asked.to ?? view.clock.asOfDate ?? noDate;
  const from = asked.from ?? addDays(to, 1 - defaultDays);
  if (from > to) throw new RequestError(400, `from: expected a date not after ${to}, got "${from}"`);
  if (from < addDays(to, 1 - maxDays)) {
    throw new RequestError(400, `from: expected at most ${maxDays} dates up to ${to}, got "${from}"`);
  }
  return { from, to };
}
