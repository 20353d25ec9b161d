import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Owner } from '../processes.ts';

/**
 * The user that PostgreSQL runs as: undefined (ourselves) unless we are root, whom it refuses; then the one who owns
 * the data already, else `nobody`.
 */
export function postgresOwner(folder: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const data = statSync(join(folder, 'data'), { throwIfNoEntry: false });
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Whether `owner` may enter the folder; of one that is not there yet, the nearest folder above it that is. */
export function canEnter(folder: string, owner: Owner): boolean {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const asked = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', existing], { ...owner, cwd: '/', timeout: 5000 });
  return asked.status === 0;
}

/** Gives a folder and the files in it to `owner`; a folder below that is theirs already is left as it is. */
export function giveTo(folder: string, owner: Owner): void {
  chownSync(folder, owner.uid, owner.gid);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = lstatSync(path);
    if (entry.uid === owner.uid || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) giveTo(path, owner);
    else chownSync(path, owner.uid, owner.gid);
  }
}

function idOf(which: '-u' | '-g'): number {
  const id = Number(spawnSync('id', [which, 'nobody'], { encoding: 'utf8', timeout: 5000 }).stdout);
  return Number.isInteger(id) && id > 0 ? id : 65534;
}
