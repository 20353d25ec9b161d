import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../lib/postgres/pool.ts';
import { type CommandProcess, runCommandProcess, spawnCommand } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { withDataset } from './dataFixture.ts';

export type Following = Readonly<{
  child: CommandProcess;
  ended: Promise<[number | null, NodeJS.Signals | null]>;
  said(): string;
}>;

/** Starts `npm run follow`, publishing every 2 s; what it says is kept. */
export function startFollowing(dataset: TestDataset, env: Record<string, string> = {}): Following {
  const child = spawnCommand(dataset, 'jobs/followCommand.ts', [], { PUBLISH_SECONDS: '2', ...env });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  const ended = once(child, 'close') as Following['ended'];
  return { child, ended, said: () => said.join('') };
}

/** Waits for it, at most 40 s. @throws with what was said meanwhile */
export async function until(what: string, holds: () => Promise<boolean>, tell: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`${what} did not come true:\n${tell()}`);
}

export async function eventCount(dataset: TestDataset): Promise<number> {
  const [row] = await query<{ count: number }>(dataset.pipeline.db, 'SELECT count(*) FROM inventory_event');
  return Number(row?.count);
}

/** Lines of a day: item by item, one sale each. */
export const dayLines = (store: number, date: string, items: number, from = 0) =>
  Array.from(
    { length: items },
    (_, at) => `{${date}-${from + at}},${from + at + 1},${store},${date} 10:${10 + (at % 50)},-1,1`,
  );

/** The data files that one clean hour makes of the same folder. */
export async function cleanLoad({ inputDir }: TestDataset): Promise<Map<string, string>> {
  const outputDir = mkdtempSync(join(tmpdir(), 'tillcast-clean-'));
  try {
    return await withDataset({ PARTITIONS: '6', OUTPUT_DIR: outputDir }, async (clean) => {
      await runCommandProcess(clean, 'jobs/onceCommand.ts', ['--input', inputDir]);
      return dataFiles(outputDir);
    });
  } finally {
    rmSync(outputDir, { recursive: true, force: true });
  }
}
