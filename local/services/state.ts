import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TillcastError } from '../../lib/core/errors.ts';
import { identify, isAlive, type ProcessId } from './processes.ts';
import type { ServiceName } from './types.ts';

const remembered = z.object({
  origin: z.enum(['docker', 'native']),
  url: z.string(),
  server: z.string(),
  ports: z.array(z.number()),
  /** Absent once the server was stopped; the ports stay for the next start. */
  process: z.object({ pid: z.number(), started: z.string() }).optional(),
  folder: z.string().optional(),
});

const user = z.object({ pid: z.number(), started: z.string(), token: z.string() });

const shape = z.object({
  /** Left running on purpose, by `services up`. */
  kept: z.boolean().default(false),
  /** Who works with the native servers; the last one to go ends them. A dead one counts for nothing. */
  users: z.array(user).default([]),
  from: z.enum(['docker', 'native']).optional(),
  services: z
    .object({ kafka: remembered, postgres: remembered, mongodb: remembered, redis: remembered })
    .partial()
    .default({}),
});

/** One service as left behind by a start. `folder` is where its data are, if not in the home folder. */
export type Remembered = z.infer<typeof remembered>;

/** What `<homeDir>/services.json` holds; `from` is the choice between Docker and native, made once. */
export type State = z.infer<typeof shape>;

/** Reads the state; none yet is an empty one. @throws TillcastError (ETL_SERVICES) if the file is not ours to read. */
export function readState(homeDir: string): State {
  const file = stateFile(homeDir);
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kept: false, users: [], services: {} };
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new TillcastError('ETL_SERVICES', `${file} belongs to another user; run as that one, or set TILLCAST_HOME`);
    }
    throw new TillcastError('ETL_SERVICES', `${file} cannot be understood; end the servers it names and delete it`);
  }
}

/** Replaces the state in one step; readable by its owner only, for it holds the database's password. */
export function writeState(homeDir: string, state: State): void {
  const draft = join(homeDir, `.services-${randomUUID()}`);
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, stateFile(homeDir));
}

/** Notes one service. Callers hold the home's lock, or are the only writer (between two awaits nobody else runs). */
export function remember(homeDir: string, name: ServiceName, entry: Remembered): void {
  const state = readState(homeDir);
  writeState(homeDir, { ...state, services: { ...state.services, [name]: entry } });
}

/** Forgets the process, unless another one has taken its place meanwhile; ports and folder stay. */
export function forgetProcess(homeDir: string, name: ServiceName, id: ProcessId): void {
  const entry = readState(homeDir).services[name];
  if (entry?.process?.pid !== id.pid || entry.process.started !== id.started) return;
  const { process: _, ...rest } = entry;
  remember(homeDir, name, rest);
}

/** The living native process of an entry, if there is one. */
export function livingProcess(entry: Remembered | undefined): ProcessId | undefined {
  return entry?.process !== undefined && isAlive(entry.process) ? entry.process : undefined;
}

/** Notes this process as a user of the servers; returns its token. The home's lock must be held. */
export function joinUsers(homeDir: string): string {
  const token = randomUUID();
  const state = readState(homeDir);
  const self = identify(process.pid);
  const users = [...state.users.filter(isAlive), ...(self === undefined ? [] : [{ ...self, token }])];
  writeState(homeDir, { ...state, users });
  return token;
}

/** Takes the user off; true where the servers are nobody's any more. The home's lock should be held. */
export function leaveUsers(homeDir: string, token: string): boolean {
  const state = readState(homeDir);
  const users = state.users.filter((one) => one.token !== token && isAlive(one));
  writeState(homeDir, { ...state, users });
  return users.length === 0 && !state.kept;
}

/** Keeps the servers running when nobody uses them (`services up`), or no longer. */
export function keepServers(homeDir: string, kept: boolean): void {
  writeState(homeDir, { ...readState(homeDir), kept });
}

function stateFile(homeDir: string): string {
  return join(homeDir, 'services.json');
}
