import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CsvName, csvColumns } from './columns.ts';
import { dataSourceFile } from './dataSource.ts';
import { powerQuery } from './powerQuery.ts';
import { workbookFile } from './workbook.ts';

/** What became of the files beside the CSVs; `beside`: newer ones next to those that a person saved. */
export type CompanionsWritten = Readonly<{ written: readonly string[]; beside: readonly string[] }>;

/** Remembers what was written, so that a file that is no longer the same is known to be a person's. */
const memoryName = '.tillcast-tableau.json';
/** By name: the fingerprint of what tillcast last made for it, whether in its place or beside it. */
type Memory = Record<string, string>;

export const workbookName = 'retail_pos.twb';

/** All files that stand beside the CSVs, by name. */
export function companions(): Map<string, string> {
  const names = Object.keys(csvColumns) as CsvName[];
  return new Map([
    [workbookName, workbookFile()],
    ...names.map((csv): [string, string] => [`${csv}.tds`, dataSourceFile(csv)]),
    ['retail_pos.pq', powerQuery()],
  ]);
}

/**
 * Writes each file that is missing, or that tillcast wrote and nobody touched since. One that a person saved is left alone:
 * where tillcast has a newer one it stands beside it under another name, once. `replace`: also over what a person saved,
 * which is kept under another name. @throws Error of the file system
 */
export async function writeCompanions(outputDir: string, replace = false): Promise<CompanionsWritten> {
  const memory = await readMemory(outputDir);
  const written: string[] = [];
  const beside: string[] = [];
  for (const [name, text] of companions()) {
    const fresh = fingerprint(text);
    const standing = await textOf(join(outputDir, name));
    const ours = standing === undefined || fingerprint(standing) === memory[name] || standing === text;
    if (standing === text || (!ours && !replace && memory[name] === fresh)) {
      memory[name] = fresh;
      continue;
    }
    if (ours || replace) {
      if (!ours) {
        const kept = besideName(name, `saved-${fingerprint(standing ?? '')}`);
        await rename(join(outputDir, name), join(outputDir, kept));
        beside.push(kept);
      }
      await writeWhole(outputDir, name, text);
      written.push(name);
    } else {
      await writeWhole(outputDir, besideName(name, fresh), text);
      beside.push(besideName(name, fresh));
    }
    memory[name] = fresh;
    // After each file: a process that dies in between must not take its own files for a person's.
    await writeWhole(outputDir, memoryName, `${JSON.stringify(memory, null, 2)}\n`);
  }
  return { written, beside };
}

/** @example besideName('retail_pos.twb', '1a2b3c4d') // 'retail_pos.1a2b3c4d.twb' */
function besideName(name: string, mark: string): string {
  return name.replace(/\.(\w+)$/, `.${mark}.$1`);
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

async function readMemory(outputDir: string): Promise<Memory> {
  try {
    const read: unknown = JSON.parse((await textOf(join(outputDir, memoryName))) ?? '{}');
    const pairs = Object.entries(read as object).filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(pairs) as Memory;
  } catch {
    // Not ours any more: then what stands is taken for a person's.
    return {};
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const pending = join(folder, `${name}.next`);
  const file = await open(pending, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(pending, join(folder, name));
}
