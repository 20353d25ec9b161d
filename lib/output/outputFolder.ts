import { mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { TillcastError } from '../core/errors.ts';

/** The dataset whose files may be replaced by any other's. */
const demoDataset = 'demo';

/**
 * Whose files the folder holds, undefined where nobody's; changes nothing.
 * @throws TillcastError ETL_OUTPUT_OWNER where they are another dataset's, the demo's aside
 */
export async function checkOutputOwner(outputDir: string, dataset: string): Promise<string | undefined> {
  const owner = (await readRunInfo(outputDir))?.dataset || undefined;
  if (owner === undefined || owner === dataset || owner === demoDataset) return owner;
  throw new TillcastError(
    'ETL_OUTPUT_OWNER',
    `${outputDir} holds the files of dataset ${owner}, not of ${dataset}: give ${dataset} a folder of its own ` +
      '(--output DIR or OUTPUT_DIR)',
  );
}

/**
 * Makes the folder and checks whose it is: run_info.csv names the dataset; the demo's files may be replaced, another's
 * never. @throws TillcastError ETL_OUTPUT_OWNER
 */
export async function claimOutput(outputDir: string, dataset: string): Promise<void> {
  await mkdir(join(outputDir, 'archive'), { recursive: true });
  const owner = await checkOutputOwner(outputDir, dataset);
  if (owner === demoDataset && owner !== dataset) await forgetArchive(outputDir);
}

/**
 * Removes what processes that died, or were taken for dead, left half-written beside the files; one of them that wakes
 * has nothing left to put in place.
 */
export async function dropLeftovers(outputDir: string): Promise<void> {
  for (const folder of [outputDir, join(outputDir, 'archive')]) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (/\.(csv|tds|twbx?|pq|json)(\.[0-9a-f]{8})?\.next(\.bom)?$/.test(name))
        await rm(join(folder, name), { force: true });
    }
  }
}

/** The one row of run_info.csv by column name, undefined where there is none. */
export async function readRunInfo(outputDir: string): Promise<Record<string, string> | undefined> {
  const text = await readFile(join(outputDir, 'run_info.csv'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data[0];
}

/**
 * Checks that a publication of the size of the last one fits beside it, with a tenth to spare.
 * @throws TillcastError ETL_OUTPUT_WRITE, retryable
 */
export async function checkSpace(outputDir: string): Promise<void> {
  const needed = 1.1 * (await folderBytes(outputDir)) + 16 * 1024 * 1024;
  const disk = await statfs(outputDir);
  const free = disk.bavail * disk.bsize;
  if (free >= needed) return;
  const mega = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`;
  throw new TillcastError(
    'ETL_OUTPUT_WRITE',
    `${outputDir} needs about ${mega(needed)} for the new files beside the old, ${mega(free)} are free: free some ` +
      'disk; the last good files stand, a retry finishes the run',
    { retryable: true },
  );
}

/** Names of the archived months' files that are there. */
export async function archivedFiles(outputDir: string): Promise<Set<string>> {
  return new Set(await readdir(join(outputDir, 'archive')).catch(() => []));
}

export function archiveName(month: string): string {
  return `combined_${month.slice(0, 7)}.csv`;
}

/** Removes archived months that hold no events (any more): dates that were read wrongly, an older dataset's. */
export async function dropStrangers(outputDir: string, months: readonly string[]): Promise<void> {
  const ours = new Set(months.map(archiveName));
  for (const name of await archivedFiles(outputDir)) {
    if (/^combined_\d{4}-\d{2}\.csv$/.test(name) && !ours.has(name)) {
      await rm(join(outputDir, 'archive', name), { force: true });
    }
  }
}

async function forgetArchive(outputDir: string): Promise<void> {
  for (const name of await archivedFiles(outputDir)) {
    if (/^combined_\d{4}-\d{2}\.csv$/.test(name)) await rm(join(outputDir, 'archive', name), { force: true });
  }
}

async function folderBytes(outputDir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(outputDir)) {
    if (name.endsWith('.csv')) bytes += (await stat(join(outputDir, name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
