import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { testServices } from '../support/services.ts';
import { changes } from './dataFixture.ts';
import { withResident } from './outageFixture.ts';

const megabyte = 1024 * 1024;
const disk = mkdtempSync(join(tmpdir(), 'tillcast-disk-'));
const mounted = mountDisk();
if (mounted !== undefined) process.stdout.write(`skipped: no disk of its own can be mounted here (${mounted})\n`);
const onOwnDisk = mounted === undefined ? test : test.skip;

function mountDisk(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').at(-1) || 'no mount';
  }
}

let lines: string[] = [];
beforeAll(() => {
  lines = Array.from(
    { length: 90_000 },
    (_, n) => `{transaction ${n}},${n % 300},${n % 3},2026-01-05 10:${String(n % 60).padStart(2, '0')},-1,1`,
  );
});
afterAll(() => {
  if (mounted === undefined) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

onOwnDisk(
  'out of disk while CSVs are written: the old files stand, the error says so, a retry completes the run',
  async () => {
    const outputDir = join(disk, 'output');
    mkdirSync(outputDir);
    const shared = testServices();
    await withResident(
      shared,
      shared,
      async (resident) => {
        const { dataset, queues } = resident;
        const pending = () =>
          readdirSync(outputDir, { recursive: true }).filter((name) => String(name).includes('.next'));
        dataset.write('inventory_change_a.csv', changes(...lines.slice(0, 100)));
        expect(await resident.run()).toMatchObject({ status: 'succeeded', rows_new: 100 });
        const old = dataFiles(outputDir);

        // 16 MB are asked for beside small files and are there, but the new files are larger.
        writeFileSync(join(disk, 'filler'), Buffer.alloc(42 * megabyte));
        dataset.write('inventory_change_a.csv', changes(...lines));
        const failing = resident.run();
        const line = await new Promise<string>((resolve) => {
          resident.onLine.call = (said) => {
            if (said.startsWith('publish failed')) resolve(said);
          };
        });
        expect(line).toMatch(
          /ETL_OUTPUT_WRITE: .*ENOSPC.*: free some disk; the last good files stand, a retry finishes/,
        );
        expect(dataFiles(outputDir)).toEqual(old);
        expect(pending()).toEqual([]);
        expect(dataset.rows('run_info.csv')[0]).toMatchObject({ state: 'complete', rows_new: '100' });

        rmSync(join(disk, 'filler'));
        expect(await failing).toMatchObject({ status: 'succeeded', rows_new: 89_900 });
        expect(pending()).toEqual([]);
        expect(dataset.rows('run_info.csv')[0]).toMatchObject({ state: 'complete', rows_new: '89900' });
        expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
        expect(await queues.consume.getFailedCount()).toBe(0);
      },
      { OUTPUT_DIR: outputDir },
    );
  },
);
