/** Numbers and times as a person reads them. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** @example countOf(1, 'file') // '1 file' */
export function countOf(count: number | bigint, noun: string): string {
  return `${grouped(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;
}

/** @example grouped(541909) // '541,909' */
export function grouped(count: number | bigint): string {
  return count.toLocaleString('en-US');
}

/** How long ago, in the largest unit that fits. @example ago(now - 360_000, now) // '6 minutes ago' */
export function ago(instant: Date, now: Date): string {
  const ms = now.getTime() - instant.getTime();
  return ms < second ? 'just now' : `${span(ms)} ago`;
}

/** A length of time in its largest unit. @example span(90_000) // '1 minute' */
export function span(ms: number): string {
  if (ms < minute) return countOf(Math.max(0, Math.floor(ms / second)), 'second');
  if (ms < hour) return countOf(Math.floor(ms / minute), 'minute');
  return ms < 2 * day ? countOf(Math.floor(ms / hour), 'hour') : countOf(Math.floor(ms / day), 'day');
}

/** @example utcMinute(new Date(0)) // '1970-01-01 00:00' */
export function utcMinute(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace('T', ' ');
}

/** The time of day alone where it is of the same UTC day. @example nextTime(tenOClock, now) // '10:00 UTC' */
export function nextTime(instant: Date, now: Date): string {
  const text = utcMinute(instant);
  return `${text.slice(0, 10) === utcMinute(now).slice(0, 10) ? text.slice(11) : text} UTC`;
}

/** @example fileSize(1_536_000) // '1.5 MB' */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  const value = bytes / 1000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** A sentence from a fragment. @example sentence('run 7 is under way') // 'Run 7 is under way.' */
export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
