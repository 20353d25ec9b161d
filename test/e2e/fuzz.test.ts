import { expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { dice } from '../fuzz/dice.ts';
import { fuzzedFile } from '../fuzz/eventFiles.ts';
import { type JudgedValues, judge } from '../fuzz/judge.ts';
import { withSpreadsheetMark } from '../fuzz/outputs.ts';
import type { TestDataset } from '../support/dataset.ts';
import { expectRowsAddUp, withDataset } from './dataFixture.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);

type Line = Readonly<{ file: string; line: number; raw: string }>;
type Told = { loaded: Map<string, Line>; loadedLines: number; rejected: Map<string, Line>; either: Map<string, Line> };

test('of 4,000 mutated lines in nine files each stands in PostgreSQL as an event or as a rejected row, and the run adds up', async () => {
  process.stdout.write(`fuzz of the hour: seed ${seed} (FUZZ_SEED)\n`);
  await withDataset({ MIN_REJECT_ROWS: '1000000' }, async (dataset) => {
    const told = writeFiles(dataset);
    const run = await dataset.hour();
    expect(run).toMatchObject({ status: 'succeeded', files: 9, files_refused: 0 });
    expectRowsAddUp(run);
    expect(run.rows_read).toBe(told.loadedLines + told.rejected.size + told.either.size);

    const { pool } = dataset.pipeline.db;
    const rejectedRows = await pool.query<{ file: string; line: number }>('SELECT file, line FROM rejected_row');
    const rejected = new Set(rejectedRows.rows.map((row) => `${row.file}:${row.line}`));
    expect([rejected.size, rejectedRows.rows.length]).toEqual([run.rows_rejected, run.rows_rejected]);
    expect([...told.rejected.keys()].filter((key) => !rejected.has(key))).toEqual([]);
    expect([...rejected].filter((key) => !told.rejected.has(key) && !told.either.has(key))).toEqual([]);

    const eitherLoaded = [...told.either.keys()].filter((key) => !rejected.has(key)).length;
    expect(run.rows_new + run.rows_duplicate).toBe(told.loadedLines + eitherLoaded);
    const events = await storedEvents(dataset);
    expect(events.length).toBe(run.rows_new);
    const stored = new Set(events);
    expect([...told.loaded.keys()].filter((key) => !stored.has(key))).toEqual([]);
    expect([...stored].filter((key) => !told.loaded.has(key)).length).toBeLessThanOrEqual(eitherLoaded);

    // The report of what was not loaded reads back to what stands in the files.
    const lines = new Map([...told.rejected, ...told.either]);
    const reported = dataset.rows('rejected_rows.csv');
    expect(reported.length).toBe(run.rows_rejected);
    const wrong = reported.filter(
      (row) => row.raw !== reportedRaw(lines.get(`${row.file}:${row.line}`)?.raw ?? 'MISSING'),
    );
    expect(wrong).toEqual([]);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    // Nothing of it is read a second time.
    expect(await dataset.hour()).toMatchObject({ files: 0, rows_read: 0 });
  });
});

/** Writes nine files and tells what must become of each of their lines; identical lines of a file are told apart by n. */
function writeFiles(dataset: TestDataset): Told {
  const draw = dice(seed);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
  const told: Told = { loaded: new Map(), loadedLines: 0, rejected: new Map(), either: new Map() };
  for (let number = 0; number < 9; number += 1) {
    const { kind, bytes } = fuzzedFile(draw, number === 0 ? 800 : 400, number === 0);
    const file = `inventory_${kind === 'change' ? 'change' : 'snapshot'}_${number}.csv`;
    dataset.write(file, bytes);
    const seen = new Map<string, number>();
    const raws = bytes.toString('latin1').split('\n');
    for (const [at, verdict] of judge(bytes, kind, tomorrow).entries()) {
      const mark = at === 0 ? /^\u00ef\u00bb\u00bf/ : /^$/;
      const raw = Buffer.from((raws[at] ?? '').replace(mark, ''), 'latin1').toString('utf8');
      const line: Line = { file, line: at + 1, raw };
      if (verdict.what === 'loaded') {
        const key = keyOf(verdict.values);
        const n = verdict.values.trans === null ? 1 : (seen.get(key) ?? 0) + 1;
        seen.set(key, n);
        told.loadedLines += 1;
        told.loaded.set(`${key} #${n}`, line);
      } else if (verdict.what === 'rejected' || verdict.what === 'either')
        told[verdict.what].set(`${file}:${at + 1}`, line);
    }
  }
  return told;
}

function keyOf({ store, item, time, quantity, type, trans, employee }: JudgedValues): string {
  return JSON.stringify([store, item, time, quantity, type, trans, employee].map((value) => value?.toString() ?? ''));
}

async function storedEvents(dataset: TestDataset): Promise<string[]> {
  const { rows } = await dataset.pipeline.db.pool.query<Record<string, string | null>>(
    `SELECT store_id::text, item_id::text, to_char(date_time, 'YYYY-MM-DD HH24:MI:SS') AS date_time, quantity::text,
            change_type_id::text, trans_id, employee_id,
            row_number() OVER (PARTITION BY store_id, item_id, date_time, quantity, change_type_id, trans_id, employee_id)::text AS n
     FROM inventory_event`,
  );
  return rows.map((row) => {
    const values = [
      row.store_id,
      row.item_id,
      row.date_time,
      row.quantity,
      row.change_type_id,
      row.trans_id,
      row.employee_id,
    ];
    return `${JSON.stringify(values.map((value) => value ?? ''))} #${row.n}`;
  });
}

/** Raw text as rejected_rows.csv has it: at most 2,000 characters on one line, NUL as a picture, the mark of formulas. */
function reportedRaw(raw: string): string {
  const kept = Buffer.from(raw.replace(/[\r\n]+$/, '').slice(0, 2_000))
    .toString('utf8')
    .replaceAll('\0', '␀');
  return withSpreadsheetMark(kept).replace(/[\r\n]+/g, ' ');
}
