/** The first day of the month of a local time or date, `yyyy-MM-01`. */
export function monthOf(local: string): string {
  return `${local.slice(0, 7)}-01`;
}

/** `months` later (or earlier, negative), as `yyyy-MM-01`. @example addMonths('2011-12-01', 1) // '2012-01-01' */
export function addMonths(month: string, months: number): string {
  const index = monthIndex(month) + months;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}-01`;
}

/** Months since year 0, so that months can be counted and compared. */
export function monthIndex(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

/** `days` later (or earlier, negative), `yyyy-MM-dd`. @example addDays('2011-12-09', -91) // '2011-09-09' */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
