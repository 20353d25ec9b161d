import { appendFileSync, renameSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import type { TestDataset } from '../support/dataset.ts';
import { random } from '../support/seededRandom.ts';
import { changes, counts, expectRowsAddUp, handRun, mixedLines, withDataset } from './dataFixture.ts';
import { expectFiguresOf, sale, sales, told } from './fileTrapsFixture.ts';

const whole = { COMBINED_DAYS: '0' };
const pathOf = (dataset: TestDataset, name: string) => join(dataset.inputDir, name);
const a = 'inventory_change_a.csv';

describe('a file that changes', () => {
  test('is written while it is read, in torn pieces and over several hours: each line counts once', async () => {
    await withDataset({ ...whole, SETTLE_SECONDS: '3600' }, async (dataset) => {
      const { change } = mixedLines(21, 1_200);
      const text = Buffer.from(changes(...change));
      const next = random(5);
      dataset.write(a, '');
      let written = 0;
      const writing = (async () => {
        while (written < text.length) {
          const piece = 1 + Math.floor(next() * 40);
          appendFileSync(pathOf(dataset, a), text.subarray(written, written + piece));
          written += piece;
          await sleep(1);
        }
      })();
      let rowsNew = 0;
      let hoursBesideIt = 0;
      do {
        if (written < text.length) hoursBesideIt += 1;
        const run = await handRun(dataset);
        expect(run).toMatchObject({ status: 'succeeded', rows_duplicate: 0, rows_rejected: 0 });
        rowsNew += Number(run.rows_new);
      } while (rowsNew < change.length);
      await writing;
      expect(rowsNew).toBe(change.length);
      expect(hoursBesideIt).toBeGreaterThan(1);
      expectFiguresOf(dataset, change);
      expect(told(dataset, 'doubtful_line')).toEqual([]);
    });
  });

  test('is truncated in the middle of a line, and grows again: nothing is lost, nothing counts twice', async () => {
    await withDataset(whole, async (dataset) => {
      const { change, count } = mixedLines(22, 90);
      dataset.write(a, changes(...change));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      await dataset.hour();
      const kept = changes(...change.slice(0, 30));
      truncateSync(pathOf(dataset, a), kept.length + 8);
      expect(await dataset.hour()).toMatchObject({ rows_new: 0, rows_duplicate: 30, rows_rejected: 1 });
      expect(told(dataset, 'possible_correction')).toEqual([`${a}: ${change.length - 30}`]);
      expectFiguresOf(dataset, change, count);
      const later = mixedLines(23, 30).change.filter((line) => !change.includes(line));
      dataset.write(a, changes(...change, ...later));
      const run = await dataset.hour();
      // It goes on in the torn line: the lines before that are known to be the same.
      expect(run).toMatchObject({ rows_new: later.length, rows_duplicate: change.length - 30, rows_rejected: 0 });
      expectFiguresOf(dataset, [...change, ...later], count);
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('is rotated: the old one under its new name adds nothing, the new one under the old name counts', async () => {
    await withDataset(whole, async (dataset) => {
      dataset.write(a, changes(...sales(0, 20)));
      await dataset.hour();
      renameSync(pathOf(dataset, a), pathOf(dataset, 'inventory_change_a.1.csv'));
      dataset.write(a, changes(...sales(20, 50)));
      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded', rows_read: 50, rows_new: 30, rows_duplicate: 20 });
      expectRowsAddUp(run);
      expectFiguresOf(dataset, sales(0, 50));
      // Another export under an old name is no correction, and a file that was renamed no second register.
      expect([...told(dataset, 'possible_correction'), ...told(dataset, 'few_duplicates')]).toEqual([]);
      // Rotated out of sight: nothing of it is taken back.
      renameSync(pathOf(dataset, 'inventory_change_a.1.csv'), pathOf(dataset, 'old.1'));
      dataset.write(a, changes(...sales(50, 60)));
      expect(await dataset.hour()).toMatchObject({ rows_read: 10, rows_new: 10 });
      expectFiguresOf(dataset, sales(0, 60));
    });
  });

  test('is renamed: it adds nothing', async () => {
    await withDataset(whole, async (dataset) => {
      const { change, count } = mixedLines(24, 80);
      dataset.write(a, changes(...change));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      await dataset.hour();
      renameSync(pathOf(dataset, a), pathOf(dataset, 'inventory_change_renamed.txt'));
      renameSync(pathOf(dataset, 'inventory_snapshot_a.csv'), pathOf(dataset, 'Inventory_Snapshot_Z.CSV'));
      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded', rows_new: 0, rows_duplicate: change.length + count.length });
      expectFiguresOf(dataset, change, count);
      expect(told(dataset, 'few_duplicates')).toEqual([]);
    });
  });

  test('is replaced under the same name and size: found at once by its time, else on the next closed day', async () => {
    await withDataset(whole, async (dataset) => {
      const lines = sales(100, 120);
      const swapped = (at: number, trans: number) => lines.map((line, index) => (index === at ? sale(trans) : line));
      dataset.write(a, changes(...lines));
      await dataset.hour();
      const { ino, size } = statSync(pathOf(dataset, a));
      const time = new Date('2026-01-01T00:00:00Z');
      const put = (trans: number) => {
        dataset.write(a, changes(...swapped(10, trans)));
        utimesSync(pathOf(dataset, a), time, time);
      };
      put(900);
      expect(await dataset.hour()).toMatchObject({ rows_new: 1, rows_duplicate: 19 });
      expect(told(dataset, 'possible_correction')).toEqual([`${a}: 1`]);

      put(901);
      expect(statSync(pathOf(dataset, a))).toMatchObject({ ino, size, mtime: time });
      expect(await dataset.hour()).toMatchObject({ rows_read: 0 });
      // The data's clock moves on by two days, so another day is closed.
      dataset.write('inventory_change_b.csv', changes(sale('b', -1, '11/5/2025 10:00')));
      expect(await dataset.hour()).toMatchObject({ rows_read: 1, rows_new: 1 });
      expect(await dataset.hour()).toMatchObject({ rows_read: 20, rows_new: 1, rows_duplicate: 19 });
      expectFiguresOf(dataset, [...lines, sale(900), sale(901), sale('b', -1, '11/5/2025 10:00')]);
    });
  });

  test('is exported again with corrections, or with rows removed: rows stay, and data_quality says so', async () => {
    await withDataset(whole, async (dataset) => {
      const lines = sales(0, 20);
      dataset.write(a, changes(...lines));
      dataset.write('inventory_change_b.csv', changes(...sales(20, 40)));
      await dataset.hour();
      dataset.write(a, changes(...lines.slice(0, 19), sale(19, -7)));
      dataset.write('inventory_change_b.csv', changes(...sales(20, 35)));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1, rows_duplicate: 34 });
      expect(told(dataset, 'possible_correction')).toEqual([`${a}: 1`, 'inventory_change_b.csv: 5']);
      const details = dataset.rows('data_quality.csv').filter((row) => row.rule === 'possible_correction');
      expect(details.map((row) => row.detail)).toEqual([
        'lines gone and others new: both count until withdrawn',
        'lines gone: they count until withdrawn',
      ]);
      expectFiguresOf(dataset, [...sales(0, 40), sale(19, -7)]);
    });
  });
});

describe('a clock that jumps', () => {
  test('file times that go back or lie in the future hide no new rows', async () => {
    await withDataset(whole, async (dataset) => {
      dataset.write(a, changes(...sales(0, 5)));
      await dataset.hour();
      let count = 5;
      for (const time of ['1999-01-01T00:00:00Z', '2091-01-01T00:00:00Z', '1999-01-01T00:00:00Z']) {
        appendFileSync(pathOf(dataset, a), `${sale(count)}\n`);
        utimesSync(pathOf(dataset, a), new Date(time), new Date(time));
        expect(await dataset.hour()).toMatchObject({ rows_read: 1, rows_new: 1 });
        count += 1;
      }
      expectFiguresOf(dataset, sales(0, count));
    });
  });

  test('a last line without its end, of a file from the future, waits once and no year', async () => {
    const future = new Date('2091-01-01T00:00:00Z');
    await withDataset({ ...whole, SETTLE_SECONDS: '1' }, async (dataset) => {
      const put = (name: string, lines: readonly string[]) => {
        dataset.write(name, changes(...lines).trimEnd());
        utimesSync(pathOf(dataset, name), future, future);
      };
      put(a, sales(0, 3));
      // Who waits for nobody sees within SETTLE_SECONDS that nobody writes.
      expect(await dataset.hour()).toMatchObject({ rows_new: 3 });
      put('inventory_change_b.csv', sales(3, 6));
      expect(await handRun(dataset)).toMatchObject({ rows_new: 2 });
      expect(told(dataset, 'line_waits')).toEqual(['inventory_change_b.csv: 1']);
      expect(await handRun(dataset)).toMatchObject({ rows_new: 1 });
      expectFiguresOf(dataset, sales(0, 6));
    });
  });

  test('the hour that daylight saving skips or doubles: order by local time, told, and UTC by the first of two', async () => {
    await withDataset(whole, async (dataset) => {
      const count = ['101,7,1,3/30/2025 1:00,100', '101,7,1,10/26/2025 3:00,60'];
      const change = ['3/30/2025 1:59', '3/30/2025 2:30', '3/30/2025 3:01', '10/26/2025 2:30', '10/26/2025 2:31'].map(
        (time, at) => sale(at, -1 - at, time),
      );
      dataset.write('store.csv', 'store_id,name,timezone\n1,Berlin,Europe/Berlin\n');
      dataset.write(a, changes(...change));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 7 });
      expectFiguresOf(dataset, change, count);
      const utc = dataset.rows('combined.csv').map((row) => `${row.date_time?.slice(5, 16)} = ${row.date_time_utc}`);
      expect(utc.sort()).toEqual([
        '03-30 01:00 = 2025-03-30 00:00:00',
        '03-30 01:59 = 2025-03-30 00:59:00',
        '03-30 02:30 = 2025-03-30 01:30:00',
        '03-30 03:01 = 2025-03-30 01:01:00',
        '10-26 02:30 = 2025-10-26 00:30:00',
        '10-26 02:31 = 2025-10-26 00:31:00',
        '10-26 03:00 = 2025-10-26 02:00:00',
      ]);
      expect([...told(dataset, 'local_time_in_gap'), ...told(dataset, 'local_time_twice')]).toEqual([
        expect.stringMatching(/: 1$/),
        expect.stringMatching(/: 2$/),
      ]);
    });
  });

  test('one row dated 1970, 2091 or next week is rejected and does not move as_of', async () => {
    await withDataset(whole, async (dataset) => {
      dataset.write(a, changes(...sales(0, 3)));
      await dataset.hour();
      const asOf = () => dataset.rows('run_info.csv')[0]?.as_of_utc;
      expect(asOf()).toBe('2025-11-03 10:00:00');
      const week = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
      const wrong = ['1/1/1970 0:00', '1/1/2091 0:00', `${week} 10:00`].map((time) => sale('w', -1, time));
      dataset.write('inventory_change_b.csv', changes(...wrong, sale(3)));
      dataset.write('inventory_snapshot_b.csv', counts('101,7,1,1/1/2091 0:00,5'));
      expect(await dataset.hour()).toMatchObject({ rows_new: 1, rows_rejected: 4 });
      expect(asOf()).toBe('2025-11-03 10:00:00');
      expect(dataset.rows('rejected_rows.csv').map((row) => row.reason)).toEqual([
        'before 2000-01-01 (MIN_DATE)',
        ...Array.from({ length: 3 }, () => 'in the future beyond MAX_FUTURE_HOURS: is that clock right?'),
      ]);
      expectFiguresOf(dataset, sales(0, 4));
    });
  });
});

test('two registers with one receipt number: lines alike count once and are told, lines that differ both count', async () => {
  await withDataset(whole, async (dataset) => {
    const first = [...sales(0, 15), sale('R1'), sale('R1'), sale('R2')];
    const second = [...sales(100, 115), sale('R1'), sale('R2', -4)];
    dataset.write(a, changes(...first));
    dataset.write('inventory_change_b.csv', changes(...second));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 35, rows_duplicate: 1 });
    expect(told(dataset, 'few_duplicates')).toEqual([]);
    // Found where the second file comes after the first was applied: in one run only the count of duplicates tells.
    dataset.write('inventory_change_c.csv', changes(...sales(200, 215), sale('R1'), sale('R2', -5)));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 16, rows_duplicate: 1 });
    expect(told(dataset, 'few_duplicates')).toEqual(['inventory_change_c.csv: 1']);
    const twice = [sale('R1'), sale('R1')];
    const all = [...sales(0, 15), ...sales(100, 115), ...sales(200, 215), ...twice];
    expectFiguresOf(dataset, [...all, sale('R2'), sale('R2', -4), sale('R2', -5)]);
  });
});
