/** Order of day and month in `1/2/2026`. */
export type DayMonthOrder = 'mdy' | 'dmy';

const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) +(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const dashed = /^(\d{4})-(\d{2})-(\d{2}) +(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * Local time of an export, `M/d/yyyy H:mm[:ss]` (or `d/M/…` by `order`) or `yyyy-MM-dd HH:mm[:ss]`, as
 * `yyyy-MM-dd HH:mm:ss`; undefined where it is no such time (product.md, Input).
 * @example parseLocalTime('12/1/2010 8:26', 'mdy') // '2010-12-01 08:26:00'
 */
export function parseLocalTime(text: string, order: DayMonthOrder): string | undefined {
  const iso = dashed.exec(text);
  if (iso !== null) return format(iso[1], iso[2], iso[3], iso[4], iso[5], iso[6]);
  const us = slashed.exec(text);
  if (us === null) return undefined;
  const [month, day] = order === 'mdy' ? [us[1], us[2]] : [us[2], us[1]];
  return format(us[3], month, day, us[4], us[5], us[6]);
}

function format(year = '', month = '', day = '', hour = '', minute = '', second = '00'): string | undefined {
  const y = Number(year);
  const m = Number(month);
  const d = Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${minute}:${second}`;
}

function two(text: string): string {
  return text.length === 1 ? `0${text}` : text;
}

/** Days of a month, `month` from 1 to 12. @example daysInMonth(2024, 2) // 29 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * What a wall clock in `timeZone` shows at `instant`, as `yyyy-MM-dd HH:mm:ss`.
 * @example wallClock(new Date('2026-07-01T12:00:00Z'), 'Europe/Berlin') // '2026-07-01 14:00:00'
 */
export function wallClock(instant: Date, timeZone: string): string {
  const known = clocks.get(timeZone);
  const clock = known ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  if (known === undefined) clocks.set(timeZone, clock);
  return clock.format(instant).replace(',', '');
}

/** One of each zone: to make one takes as long as reading a small file. */
const clocks = new Map<string, Intl.DateTimeFormat>();
