import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runOnce } from '../../jobs/once.ts';
import { placeFiles } from '../../jobs/placeFiles.ts';
import { publishStep } from '../../jobs/publishStep.ts';
import { verify } from '../../jobs/verify.ts';
import { type PendingFile, writePending } from '../../lib/output/csvFile.ts';
import type { RunInfo } from '../../lib/output/runInfo.ts';
import { assertHeld } from '../../lib/postgres/heldRun.ts';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

const quiet = () => undefined;
const header = 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n';
const sale = (trans: number) => `{${trans}},101,1,11/3/2025 10:00,-1,1\n`;

async function withHour(work: (dataset: TestDataset) => Promise<void>): Promise<void> {
  const dataset = await openTestDataset();
  try {
    dataset.write('inventory_change_a.csv', header + sale(1));
    await work(dataset);
  } finally {
    await dataset.close();
  }
}

describe('an output folder', () => {
  test('of another dataset is refused with a sentence, and stays as it is', async () => {
    await withHour(async (owner) => {
      await owner.hour();
      const files = () =>
        new Map(
          readdirSync(owner.outputDir)
            .map((name) => [name, owner.rows(name)])
            .filter(([name]) => name !== 'archive') as [string, unknown][],
        );
      rmSync(join(owner.outputDir, 'archive'), { recursive: true });
      const before = files();
      await withHour(async (guest) => {
        const settings = { ...guest.settings, outputDir: owner.outputDir };
        await expect(runOnce({ ...guest.pipeline, settings }, quiet)).rejects.toMatchObject({
          code: 'ETL_OUTPUT_OWNER',
          message: expect.stringContaining(
            `${owner.outputDir} holds the files of dataset ${owner.name}, not of ${guest.name}`,
          ),
        });
        // Before anything is loaded; a folder of its own gets it.
        expect(await newestRuns(guest.pipeline.db, 1)).toEqual([]);
        expect(await guest.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
        expect(guest.rows('delta_quantity.csv')).toMatchObject([{ delta_quantity: '-1' }]);
      });
      rmSync(join(owner.outputDir, 'archive'), { recursive: true, force: true });
      expect(files()).toEqual(before);
    });
  });

  test('of the demo may be replaced, and keeps nothing of it', async () => {
    await withHour(async (dataset) => {
      mkdirSync(join(dataset.outputDir, 'archive'), { recursive: true });
      writeFileSync(join(dataset.outputDir, 'run_info.csv'), 'dataset,state,run_id\ndemo,complete,x\n');
      writeFileSync(join(dataset.outputDir, 'archive', 'combined_2020-01.csv'), 'demo\n');
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
      expect(dataset.rows('run_info.csv')).toMatchObject([{ dataset: dataset.name, state: 'complete' }]);
      expect(readdirSync(join(dataset.outputDir, 'archive'))).toEqual([]);
    });
  });
});

describe('run_info.csv', () => {
  test('says publishing while files of two runs may stand there, and complete when they are of one', async () => {
    await withHour(async (dataset) => {
      await dataset.hour();
      const [run] = await newestRuns(dataset.pipeline.db, 1);
      if (run === undefined) throw new Error('no run');
      await query(dataset.pipeline.db, 'UPDATE run SET finished_at = NULL');
      const publish = () => publishStep(dataset.pipeline, run, new AbortController().signal, quiet);
      const path = join(dataset.outputDir, 'combined.csv');
      const before = readFileSync(path, 'utf8');
      // A folder in a file's place: its rename fails after others went well.
      rmSync(path);
      mkdirSync(join(path, 'in the way'), { recursive: true });
      await expect(publish()).rejects.toMatchObject({ code: 'ETL_OUTPUT_WRITE', retryable: true });
      expect(dataset.rows('run_info.csv')).toMatchObject([{ state: 'publishing', run_id: run.run_id }]);
      expect(readdirSync(dataset.outputDir).filter((name) => name.endsWith('.next'))).toEqual([]);
      rmSync(path, { recursive: true });
      await publish();
      expect(dataset.rows('run_info.csv')).toMatchObject([{ state: 'complete', run_id: run.run_id }]);
      expect(readFileSync(path, 'utf8')).toBe(before);
    });
  });

  test('says publishing where a process that was taken for dead finds a file of its own in place, and the next run mends it', async () => {
    await withHour(async (dataset) => {
      const { pipeline } = dataset;
      await dataset.hour();
      const [run] = await newestRuns(pipeline.db, 1);
      if (run === undefined) throw new Error('no run');
      await query(pipeline.db, 'UPDATE run SET finished_at = NULL');
      // The lease is lost between the look before a rename and the rename itself, which nobody can forbid.
      const taken = { ...run, holder: null };
      const files: PendingFile[] = [];
      async function* text() {
        yield Buffer.from('older,run_id,as_of_utc\n');
      }
      files.push(await writePending(join(dataset.outputDir, 'delta_quantity.csv'), text(), 'auto'));
      const info = (state: string) => ({ ...dataset.rows('run_info.csv')[0], reason: '', state }) as unknown as RunInfo;
      const placing = placeFiles(pipeline, taken, files, info('complete'), async () => {
        await query(pipeline.db, `UPDATE run SET holder = 'another#1'`);
        await assertHeld(pipeline.db, taken);
      });
      await expect(placing).rejects.toMatchObject({ code: 'ETL_STALE', message: expect.stringContaining('another#1') });
      expect(dataset.rows('run_info.csv')).toMatchObject([
        { state: 'publishing', reason: expect.stringContaining('the next run writes all of them again') },
      ]);
      await query(pipeline.db, 'UPDATE run SET holder = NULL, finished_at = now()');
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
      expect(await verify(pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('tells why a run failed, and keeps naming the run whose files stand there', async () => {
    await withHour(async (dataset) => {
      const good = await dataset.hour();
      const files = readFileSync(join(dataset.outputDir, 'combined.csv'), 'utf8');
      await query(dataset.pipeline.db, 'UPDATE topic_offset SET next_offset = 999');
      dataset.write('inventory_change_a.csv', header + sale(1) + sale(2));
      const failed = await dataset.hour();
      expect(failed).toMatchObject({ status: 'failed', rows_new: 0 });
      const [info] = dataset.rows('run_info.csv');
      expect(info).toMatchObject({ state: 'complete', status: 'failed', run_id: good.run_id });
      expect(info?.reason).toMatch(new RegExp(`^run ${failed.run_id}: .*before 999: the topic was made anew`));
      expect(readFileSync(join(dataset.outputDir, 'combined.csv'), 'utf8')).toBe(files);
    });
  });

  test('stands with the reason where the first run failed already', async () => {
    await withHour(async (dataset) => {
      rmSync(dataset.inputDir, { recursive: true });
      const run = await dataset.hour();
      expect(run.status).toBe('failed');
      expect(dataset.rows('run_info.csv')).toMatchObject([
        { state: 'failed', status: 'failed', dataset: dataset.name },
      ]);
      expect(dataset.rows('run_info.csv')[0]?.reason).toContain(
        `run ${run.run_id}: the input folder ${dataset.inputDir} cannot be read`,
      );
    });
  });
});
