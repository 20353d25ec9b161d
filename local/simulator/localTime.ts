const minutesPerDay = 1440;
const clockTexts = Array.from({ length: minutesPerDay }, (_, minute) => {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
});
const dateTexts = new Map<number, string>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** Days since 1970-01-01 of a date yyyy-MM-dd in 2000-01-02..2099-12-31, else undefined. */
export function dayOf(date: string): number | undefined {
  if (!/^20\d{2}-\d{2}-\d{2}$/.test(date) || date === '2000-01-01') return undefined;
  const ms = Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes 2026-02-30 for 2026-03-02 on some engines.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? undefined : ms / 86_400_000;
}

/** Year, month 1-12 and day of month of a day number. */
export function calendarOf(day: number): { year: number; month: number; date: number } {
  const at = new Date(day * 86_400_000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
}

/** 0 Sunday .. 6 Saturday; day 0 (1970-01-01) was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Local minutes since 1970-01-01 0:00 as the exports write them. @example stampOf(29460506) // '1/5/2026 8:26' */
export function stampOf(localMinute: number): string {
  const day = Math.floor(localMinute / minutesPerDay);
  let text = dateTexts.get(day);
  if (text === undefined) {
    const { year, month, date } = calendarOf(day);
    text = `${month}/${date}/${year} `;
    dateTexts.set(day, text);
  }
  return text + clockTexts[localMinute - day * minutesPerDay];
}

/** Minutes that local time is ahead of UTC in an IANA zone at a UTC hour (hours since 1970). */
export function offsetMinutes(zone: string, utcHour: number): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
    formats.set(zone, format);
  }
  const [month = 0, date = 0, year = 0, hour = 0, minute = 0] = (
    format.format(utcHour * 3_600_000).match(/\d+/g) ?? []
  ).map(Number);
  return Date.UTC(year, month - 1, date, hour, minute) / 60_000 - utcHour * 60;
}

/** The UTC hour in which a zone's local minute falls (the first of two where the clock goes back). */
export function utcHourOf(zone: string, localMinute: number): number {
  const guess = Math.floor(localMinute / 60);
  for (let hour = guess - 15; hour <= guess + 15; hour++) {
    if (hour * 60 + offsetMinutes(zone, hour) + 60 > localMinute) return hour;
  }
  return guess;
}
