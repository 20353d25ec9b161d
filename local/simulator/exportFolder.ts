import { appendFile, mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import type { Chain, Emit } from './chain.ts';
import { fileStart, headers, lineEnd } from './exportLines.ts';
import { type Position, readPosition, writePosition } from './position.ts';
import { referenceFiles } from './referenceFiles.ts';

/** Names in a folder, none where it does not exist. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new TillcastError('ETL_INPUT', `${folder} cannot be read (${error.message}); name another folder.`, {
      cause: error,
    });
  });
}

/**
 * Finds the position of a folder: the one kept, or undefined where an empty or missing folder is to begin.
 * @throws TillcastError ETL_INPUT for a folder with files that the simulator did not write.
 */
export async function findPosition(folder: string, stateFile: string): Promise<Position | undefined> {
  const names = await listFolder(folder);
  const position = await readPosition(stateFile);
  // An emptied folder begins anew: its old position says where files end that are gone.
  if (names.length === 0) return undefined;
  if (position !== undefined) return position;
  const example = names[0] ?? '';
  throw new TillcastError(
    'ETL_INPUT',
    `${folder} holds files that the simulator did not write (${example}); name an empty or new folder.`,
  );
}

/**
 * Cuts every event file back to its size at the position, which takes away what a killed process appended without keeping
 * its new position. @throws TillcastError ETL_INPUT if a file is shorter than it was.
 */
export async function repairFiles(folder: string, stateFile: string, position: Position): Promise<void> {
  for (const [name, size] of Object.entries(position.sizes)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.size < size) {
      const got = found === undefined ? 'is missing' : `has ${found.size} bytes instead of ${size}`;
      const message = `${path} ${got}; remove ${folder} and ${stateFile} and simulate again.`;
      throw new TillcastError('ETL_INPUT', message);
    }
    if (found.size > size) await truncate(path, size);
  }
}

/** Writes reference files and the headers of all event files, over whatever an earlier try left; returns the position. */
export async function beginFiles(folder: string, stateFile: string, position: Position, chain: Chain) {
  return orSay(folder, async () => {
    for (const [name, text] of referenceFiles(position.options)) await writeFile(join(folder, name), text);
    const sizes: Record<string, number> = {};
    for (const [name, kind] of chain.files) {
      const text = fileStart + headers[kind] + lineEnd;
      await writeFile(join(folder, name), text);
      sizes[name] = Buffer.byteLength(text);
    }
    const begun: Position = { ...position, sizes };
    await writePosition(stateFile, begun);
    return begun;
  });
}

/** Makes the folder and keeps a first position, so that the files that follow are known as the simulator's. */
export async function beginFolder(folder: string, stateFile: string, position: Position): Promise<void> {
  await orSay(folder, async () => {
    await mkdir(folder, { recursive: true });
    await mkdir(dirname(stateFile), { recursive: true });
    await writePosition(stateFile, position);
  });
}

const bytesBeforeWriting = 8_000_000;

/**
 * Appends the hours [position.hour, endHour) to the files, whole hours and about 8 MB at a time: first the rows, then the
 * position that counts them. `onWritten` hears every position kept.
 */
export async function appendHours(
  folder: string,
  stateFile: string,
  position: Position,
  chain: Chain,
  endHour: number,
  onWritten: (position: Position) => void,
): Promise<void> {
  let { hour, rows } = position;
  const sizes = { ...position.sizes };
  while (hour < endHour) {
    const texts = new Map<string, Buffer[]>();
    let bytes = 0;
    const emit: Emit = (file, text, count) => {
      // Bytes at once: a string kept waiting would keep every piece it was put together from, ten times its size.
      const part = Buffer.from(text);
      const waiting = texts.get(file);
      if (waiting === undefined) texts.set(file, [part]);
      else waiting.push(part);
      bytes += part.length;
      rows += count;
    };
    for (; hour < endHour && bytes < bytesBeforeWriting; hour++) chain.nextHour(emit);
    await orSay(folder, async () => {
      for (const [file, parts] of texts) {
        const added = Buffer.concat(parts);
        await appendFile(join(folder, file), added);
        sizes[file] = (sizes[file] ?? 0) + added.length;
      }
      const written: Position = { ...position, hour, rows, sizes: { ...sizes } };
      await writePosition(stateFile, written);
      onWritten(written);
    });
  }
}

async function orSay<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = `The exports in ${folder} cannot be written (${messageOf(error)}); mend that and start again, nothing is written twice.`;
    throw new TillcastError('ETL_OUTPUT_WRITE', message, { retryable: true, cause: error });
  }
}
