import { constants } from 'node:fs';
import { access, lstat, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { messageOf, TillcastError } from '../core/errors.ts';
import { type FileKind, fileKind } from '../core/fileKind.ts';

/** A file as the folder shows it. `inode` with the device, `sizeBytes` and `modifiedMs` tell whether it changed. */
export type ExportFile = Readonly<{
  name: string;
  path: string;
  kind: FileKind;
  inode: string;
  sizeBytes: number;
  modifiedMs: number;
}>;

export type InputFolder = Readonly<{
  files: readonly ExportFile[];
  /** Names that match no kind: told in the run, not read. */
  ignored: readonly string[];
  /** Names that look like an export but cannot be read, with the reason. */
  refused: readonly { name: string; reason: string }[];
}>;

/** Lists the exports of a folder by name; sub-folders are not read (product.md, Settled in detail). @throws ETL_INPUT */
export async function listInput(inputDir: string): Promise<InputFolder> {
  let names: string[];
  let root: string;
  try {
    root = await realpath(inputDir);
    names = (await readdir(inputDir)).sort();
  } catch (error) {
    throw new TillcastError(
      'ETL_INPUT',
      `the input folder ${inputDir} cannot be read (${messageOf(error)}): check --input or INPUT_DIR`,
      { cause: error },
    );
  }
  const files: ExportFile[] = [];
  const ignored: string[] = [];
  const refused: { name: string; reason: string }[] = [];
  for (const name of names) {
    const kind = fileKind(name);
    if (kind === undefined) {
      ignored.push(name);
      continue;
    }
    const path = join(inputDir, name);
    const reason = await unreadable(path, root);
    if (reason !== undefined) {
      refused.push({ name, reason });
      continue;
    }
    const stat = await lstat(await realpath(path));
    files.push({
      name,
      path,
      kind,
      inode: `${stat.dev}:${stat.ino}`,
      sizeBytes: stat.size,
      modifiedMs: stat.mtimeMs,
    });
  }
  return { files, ignored, refused };
}

async function unreadable(path: string, root: string): Promise<string | undefined> {
  try {
    const target = await realpath(path);
    if (!target.startsWith(root + sep)) return 'a link that leads out of the input folder is not followed';
    const stat = await lstat(target);
    if (stat.isDirectory()) return 'a folder that is named like an export file';
    if (!stat.isFile()) return 'not a regular file';
    await access(target, constants.R_OK);
    return undefined;
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}
