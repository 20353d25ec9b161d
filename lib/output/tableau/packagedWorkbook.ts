import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Zip, ZipDeflate } from 'fflate';
import { workbookCsvs, workbookFile } from './workbook.ts';

export const packagedName = 'retail_pos.twbx';

/**
 * Writes the workbook with the CSVs it reads as one file, for Tableau Reader and Tableau Public, which open nothing else.
 * Read and packed piece by piece, so that large files need no memory. @returns its size in bytes
 */
export async function writePackagedWorkbook(outputDir: string, report: (name: string) => void): Promise<number> {
  const pending = join(outputDir, `${packagedName}.next`);
  const file = await open(pending, 'w');
  let bytes = 0;
  let failed: Error | undefined;
  let writing: Promise<void> = Promise.resolve();
  const zip = new Zip((error, chunk) => {
    if (error !== null) failed = error;
    bytes += chunk.length;
    writing = writing.then(() => file.writeFile(chunk));
    // Whoever waits for it last is told.
    writing.catch(() => undefined);
  });
  try {
    const add = (name: string) => {
      const entry = new ZipDeflate(name, { level: 6 });
      zip.add(entry);
      return entry;
    };
    add('retail_pos.twb').push(new TextEncoder().encode(workbookFile('Data')), true);
    for (const csv of workbookCsvs()) {
      report(`${csv}.csv`);
      const entry = add(`Data/${csv}.csv`);
      for await (const chunk of createReadStream(join(outputDir, `${csv}.csv`), { highWaterMark: 1024 * 1024 })) {
        entry.push(chunk as Uint8Array);
        await writing;
      }
      entry.push(new Uint8Array(0), true);
    }
    zip.end();
    await writing;
    if (failed !== undefined) throw failed;
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(pending, { force: true });
    throw error;
  }
  await file.close();
  await rename(pending, join(outputDir, packagedName));
  return bytes;
}
