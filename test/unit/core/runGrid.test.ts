import { describe, expect, test } from '@jest/globals';
import { type GridRun, runGrid } from '../../../lib/core/runGrid.ts';

const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 10, 5, hour, minute));
const hourly = Array.from({ length: 24 }, (_, hour) => at(hour));

/** The run of an hour that began on time and took 12 s. */
function hourRun(hour: number, change: Partial<GridRun> = {}): GridRun {
  const slot = at(hour);
  return {
    runId: `r${hour}`,
    slot,
    status: 'succeeded',
    openedAt: slot,
    finishedAt: new Date(slot.getTime() + 12_000),
    readsFiles: true,
    attempts: 1,
    ...change,
  };
}

function states(runs: readonly GridRun[], now: Date, slots: readonly Date[] = hourly): string {
  const [day] = runGrid({ slots, runs, firstRunAt: runs[0]?.openedAt ?? null, now, dates: ['2026-11-05'] });
  return (day?.hours ?? [])
    .map(({ hour, state, coveredBy }) => `${hour} ${state}${coveredBy ? `>${coveredBy}` : ''}`)
    .join(', ');
}

describe('the grid of hours', () => {
  test('tells a bad day: two failed hours, a retry, a stop of five hours, a catch-up', () => {
    const runs = [
      hourRun(0),
      hourRun(1, { status: 'failed' }),
      hourRun(2, { status: 'failed', attempts: 20 }),
      hourRun(3, { attempts: 2 }),
      hourRun(4, { status: 'succeeded_with_warnings' }),
      // Stopped from 5 to 9; at 10 one run makes all of them good.
      hourRun(10),
    ];
    expect(states(runs, at(10, 30))).toBe(
      '0 done, 1 failed>r3, 2 failed>r3, 3 done, 4 warned, 5 covered>r10, 6 covered>r10, 7 covered>r10, 8 covered>r10, ' +
        '9 covered>r10, 10 done, 11 waiting, 12 waiting, 13 waiting, 14 waiting, 15 waiting, 16 waiting, 17 waiting, ' +
        '18 waiting, 19 waiting, 20 waiting, 21 waiting, 22 waiting, 23 waiting',
    );
    const [day] = runGrid({ slots: hourly, runs, firstRunAt: at(0), now: at(10, 30), dates: ['2026-11-05'] });
    expect(day?.hours[3]).toEqual({
      ...{ hour: 3, state: 'done', slot: at(3), runId: 'r3', coveredBy: null, seconds: 12, attempts: 2, slots: 1 },
    });
    expect(day?.hours[2]?.attempts).toBe(20);
  });

  test('an hour without a run is missing ten minutes after its time, and was before the first run ever not', () => {
    const runs = [hourRun(2)];
    expect(states(runs, at(4, 9)).split(', ').slice(0, 6)).toEqual([
      ...['0 before', '1 before', '2 done', '3 missing', '4 waiting', '5 waiting'],
    ]);
    expect(states(runs, at(4, 10)).split(', ')[4]).toBe('4 missing');
    expect(states([], at(4, 10)).split(', ')[3]).toBe('3 before');
  });

  test('a run under way is that of its slot, and of the missed ones that it makes good', () => {
    const open = hourRun(5, { status: 'running', finishedAt: null });
    expect(
      states([hourRun(2), open], at(5, 1))
        .split(', ')
        .slice(2, 7),
    ).toEqual([...['2 done', '3 running', '4 running', '5 running', '6 waiting']]);
  });

  test('a run by hand makes the hours before it good, one that reads no files does not', () => {
    const hand = { runId: 'h', slot: null, openedAt: at(4, 40), finishedAt: at(4, 41) };
    expect(states([hourRun(2), hourRun(3, hand)], at(5)).split(', ')[3]).toBe('3 covered>h');
    expect(states([hourRun(2), hourRun(3, { ...hand, readsFiles: false })], at(5)).split(', ')[3]).toBe('3 missing');
  });

  test('with several slots an hour the worst stands for all; an hour without a slot is none', () => {
    const slots = [at(1), at(1, 30), at(3)];
    const runs = [hourRun(1), hourRun(1, { runId: 'half', slot: at(1, 30), openedAt: at(1, 30), status: 'failed' })];
    const [day] = runGrid({ slots, runs, firstRunAt: at(1), now: at(3, 5), dates: ['2026-11-05'] });
    expect(day?.hours.slice(0, 4).map(({ state, runId, slots: count }) => [state, runId, count])).toEqual([
      ['none', null, 0],
      ['failed', 'half', 2],
      ['none', null, 0],
      ['waiting', null, 1],
    ]);
  });

  test('two weeks of a schedule by the minute: each hour is the worst of its sixty, covered by the next good run', () => {
    const minutes = Array.from({ length: 14 * 24 * 60 }, (_, minute) => at(0, minute));
    const dates = Array.from({ length: 14 }, (_, day) =>
      at(24 * day)
        .toISOString()
        .slice(0, 10),
    );
    const runs = minutes.flatMap((slot, minute): GridRun[] => {
      // Of every day one run failed at 03:07, and none began from 05:10 to 05:19.
      if (minute % 1440 >= 310 && minute % 1440 < 320) return [];
      const status = minute % 1440 === 187 ? 'failed' : 'succeeded';
      return [{ ...hourRun(0), runId: `m${minute}`, slot, openedAt: slot, status }];
    });
    const days = runGrid({ slots: minutes, runs, firstRunAt: at(0), now: at(14 * 24), dates });
    for (const [day, { hours }] of days.entries()) {
      expect(hours.map(({ state, slots }) => `${state} ${slots}`)).toEqual(
        Array.from({ length: 24 }, (_, hour) => `${hour === 3 ? 'failed' : hour === 5 ? 'covered' : 'done'} 60`),
      );
      expect([hours[3]?.coveredBy, hours[5]?.coveredBy]).toEqual([`m${1440 * day + 188}`, `m${1440 * day + 320}`]);
    }
  });

  test('a day without any slot has 24 hours all the same', () => {
    const [day] = runGrid({ slots: [], runs: [], firstRunAt: null, now: at(0), dates: ['2026-11-05'] });
    expect([day?.hours.length, day?.hours[23]?.state]).toEqual([24, 'none']);
  });
});
