const dayMs = 86_400_000;

/** Days since 1970-01-01, so that dates can be counted and index arrays. @example dayNumber('1970-01-02') // 1 */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / dayMs);
}

/** The date of a day number, `yyyy-MM-dd`. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** 0 = Monday … 6 = Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** A month as day numbers, `until` exclusive; `index` counts months since year 0 (`monthIndex`). */
export type MonthDays = Readonly<{ index: number; from: number; until: number }>;

/** The month that holds a day, or one `later` months after it. */
export function monthDays(day: number, later = 0): MonthDays {
  const at = new Date(day * dayMs);
  const index = at.getUTCFullYear() * 12 + at.getUTCMonth() + later;
  return { index, from: firstDay(index), until: firstDay(index + 1) };
}

/** The same day of the month some months before, the month's last where it has none such. */
export function monthsBefore(day: number, months: number): number {
  const { from } = monthDays(day);
  const then = monthDays(day, -months);
  return Math.min(then.from + (day - from), then.until - 1);
}

function firstDay(index: number): number {
  return Math.round(Date.UTC(Math.floor(index / 12), index % 12, 1) / dayMs);
}
