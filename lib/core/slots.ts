import { CronExpressionParser } from 'cron-parser';

/** The slot of a schedule: the instant a tick stands for, to the minute, UTC. Source: architecture.md, The hour. */

/** The newest slot at or before `now`. @example newestSlot('0 * * * *', new Date('2026-11-05T09:17:00Z')) // 09:00 */
export function newestSlot(schedule: string, now: Date): Date {
  return CronExpressionParser.parse(schedule, { currentDate: new Date(now.getTime() + 1), tz: 'UTC' })
    .prev()
    .toDate();
}

/** The first slot after `now`. */
export function nextSlot(schedule: string, now: Date): Date {
  return CronExpressionParser.parse(schedule, { currentDate: now, tz: 'UTC' }).next().toDate();
}

/** A slot is not called late, or missing, before its run had so long to begin. */
export const lateAfterMs = 10 * 60_000;

/** The newest slot, where it should have had its good run by now; `good`: the last good run that read files. */
export function lateSlot(
  schedule: string,
  good: Readonly<{ opened_at: Date; slot: Date | null }> | undefined,
  now: Date,
): Date | undefined {
  const slot = newestSlot(schedule, now);
  const done = good !== undefined && (good.opened_at >= slot || (good.slot !== null && good.slot >= slot));
  return done || now.getTime() - slot.getTime() < lateAfterMs ? undefined : slot;
}

/**
 * The instant so many periods of the schedule before `now`. A period goes from slot to slot; in the long one of a schedule
 * with gaps (a night) no more than the other periods' time counts, so that a morning does not begin with a false alarm.
 * @example periodsBefore('0 * * * *', new Date('2026-11-05T09:17:00Z'), 3) // 06:17
 */
export function periodsBefore(schedule: string, now: Date, periods: number): Date {
  const ticks = CronExpressionParser.parse(schedule, { currentDate: new Date(now.getTime() + 1), tz: 'UTC' });
  const newest = ticks.prev().toDate();
  let [slot, after] = [newest, newest];
  for (let period = 0; period < periods; period += 1) [slot, after] = [ticks.prev().toDate(), slot];
  return new Date(Math.min(slot.getTime() + now.getTime() - newest.getTime(), after.getTime()));
}

/** Slots in `(after, until]`, oldest first; of more than `max` the newest are kept. */
export function slotsBetween(schedule: string, after: Date, until: Date, max: number): Date[] {
  const ticks = CronExpressionParser.parse(schedule, { currentDate: new Date(until.getTime() + 1), tz: 'UTC' });
  const slots: Date[] = [];
  while (slots.length < max) {
    const slot = ticks.prev().toDate();
    if (slot <= after) break;
    slots.unshift(slot);
  }
  return slots;
}

/** @example slotRunId(new Date('2026-11-05T09:00:00Z')) // '20261105T0900Z' */
export function slotRunId(slot: Date): string {
  return `${compact(slot).slice(0, 13)}Z`;
}

/** The id of a run that a person started. @example handRunId(new Date('2026-11-05T09:17:23Z')) // '20261105T091723Z-hand' */
export function handRunId(now: Date, kind: 'hand' | 'once' | 'follow' | 'replay' | 'repair' = 'hand'): string {
  return `${compact(now)}Z-${kind}`;
}

function compact(instant: Date): string {
  return instant.toISOString().slice(0, 19).replace(/[-:]/g, '');
}
