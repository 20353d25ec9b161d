import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TillcastError } from '../../lib/core/errors.ts';
import { lock } from './lock.ts';
import type { Context } from './types.ts';

const patienceMs = 15 * 60_000;

/**
 * The folder `<cache>/<key>`, made by `build` once for all clones. Two processes never build the same key at once, and a
 * folder under its final name is always complete: `build` fills a temporary one that is renamed.
 */
export async function cached(
  cache: string,
  key: string,
  { signal, say }: Pick<Context, 'signal' | 'say'>,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const final = join(cache, key);
  if (existsSync(final)) return final;
  makeFolder(cache);
  const release = await lock(join(cache, '.locks', key), {
    patienceMs,
    signal,
    onWait: (pid) => say(`Waiting for process ${pid}, which is preparing ${key} …`),
  });
  try {
    if (existsSync(final)) return final;
    const prefix = `.building-${key}-`;
    for (const left of readdirSync(cache)) {
      if (left.startsWith(prefix)) rmSync(join(cache, left), { recursive: true, force: true });
    }
    const folder = mkdtempSync(join(cache, prefix));
    try {
      await build(folder);
      chmodSync(folder, 0o755);
      renameSync(folder, final);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return final;
  } finally {
    release();
  }
}

/** Runs `work` while no other process on this cache does work of this name: Maven's own repository knows no lock. */
export async function oneAtATime<T>(
  cache: string,
  name: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  makeFolder(cache);
  const release = await lock(join(cache, '.locks', name), { patienceMs, signal });
  try {
    return await work();
  } finally {
    release();
  }
}

/** Eight characters that change when one of the files or texts does. */
export function fingerprint(files: readonly string[], ...texts: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 8);
}

/** Makes a folder with all above it. @throws TillcastError (ETL_SERVICES) that names the folder and the reason. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TillcastError(
      'ETL_SERVICES',
      `folder ${folder} cannot be made (${code}); set TILLCAST_HOME or TILLCAST_CACHE to one that can`,
      { cause: error },
    );
  }
}
