import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment, parseSettings } from '../../config/settings.ts';
import { bringUp, type RunningServices, type ServiceName } from '../../local/services/bringUp.ts';
import { isAlive, type ProcessId } from '../../local/services/processes.ts';
import { livingProcess, readState } from '../../local/services/state.ts';
import { addressKeys } from '../../local/services/types.ts';
import { type TestServices, testServices } from './services.ts';

/** Servers of one test alone, which it may kill, stop and start again; the others are those of the test run. */
export type OwnServers = Readonly<{
  urls: TestServices;
  /** SIGKILL, as a crash; waits until the server is gone. */
  kill(name: ServiceName): Promise<void>;
  /** SIGSTOP to the server and its children: it accepts, and never answers. */
  pause(name: ServiceName): void;
  resume(name: ServiceName): void;
  /** Starts what was killed again, on the same port and data; returns when it answers. */
  start(): Promise<void>;
  close(): Promise<void>;
}>;

const quiet = () => undefined;

export async function ownServers(names: readonly ServiceName[]): Promise<OwnServers> {
  const home = mkdtempSync(join(tmpdir(), 'tillcast-own-'));
  // PostgreSQL runs as another user where we are root, and must be able to enter.
  chmodSync(home, 0o755);
  const { TILLCAST_CACHE } = childEnvironment();
  const shared = testServices();
  const others: Record<string, string> = {
    [addressKeys.kafka]: shared.kafkaBrokers,
    [addressKeys.postgres]: shared.postgresUrl,
    [addressKeys.mongodb]: shared.mongodbUrl,
    [addressKeys.redis]: shared.redisUrl,
  };
  for (const name of names) delete others[addressKeys[name]];
  const settings = parseSettings({ ...others, TILLCAST_HOME: home, SERVICES: 'native', TILLCAST_CACHE });
  const starts: RunningServices[] = [await bringUp(settings, quiet)];
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = starts[0] as RunningServices;
  const processOf = (name: ServiceName): ProcessId => {
    const id = livingProcess(readState(home).services[name]);
    if (id === undefined) throw new Error(`${name} does not run`);
    return id;
  };
  const signalAll = (name: ServiceName, signal: NodeJS.Signals) => {
    const { pid } = processOf(name);
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, signal);
      } catch (error) {
        // A backend that ended since it was seen.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  return {
    urls: { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl },
    async kill(name) {
      const id = processOf(name);
      process.kill(id.pid, 'SIGKILL');
      while (isAlive(id)) await sleep(20);
    },
    pause: (name) => signalAll(name, 'SIGSTOP'),
    resume: (name) => signalAll(name, 'SIGCONT'),
    async start() {
      starts.push(await bringUp(settings, quiet));
    },
    async close() {
      for (const name of names) {
        if (livingProcess(readState(home).services[name]) !== undefined) signalAll(name, 'SIGCONT');
      }
      for (const start of starts) await start.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL's backends are children in sessions of their own, so no group signal reaches them. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return Number(parent) === pid ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}
