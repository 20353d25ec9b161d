import { setTimeout as sleep } from 'node:timers/promises';
import { parseSettings, type Settings } from '../../config/settings.ts';
import { bringUp, type RunningServices } from '../../local/services/bringUp.ts';
import { isAlive, type ProcessId } from '../../local/services/processes.ts';
import { readState } from '../../local/services/state.ts';
import { type ServiceName, titles } from '../../local/services/types.ts';

/** Four servers of our own, which may be killed and paused. */
export type Servers = Readonly<{
  urls: Readonly<{ kafkaBrokers: string; postgresUrl: string; mongodbUrl: string; redisUrl: string }>;
  kill(name: ServiceName): Promise<void>;
  /** Starts what was killed, at the same address and with its data. */
  revive(): Promise<void>;
  pause(name: ServiceName): void;
  resume(name: ServiceName): void;
  /** Ends all of them. */
  stop(): Promise<void>;
}>;

const gonePatienceMs = 10_000;

export async function openServers(home: string, say: (line: string) => void, signal: AbortSignal): Promise<Servers> {
  const settings = parseSettings({
    TILLCAST_HOME: home,
    SERVICES: 'native',
    TILLCAST_CACHE: process.env.TILLCAST_CACHE,
  });
  const first = await bringUp(settings, say, signal);
  const handles: RunningServices[] = [first];
  const paused = new Set<ServiceName>();
  const processOf = (name: ServiceName): ProcessId => {
    const id = readState(home).services[name]?.process;
    if (id === undefined || !isAlive(id)) throw new Error(`${titles[name]} does not run, though nobody ended it`);
    return id;
  };
  const resume = (name: ServiceName) => {
    if (!paused.delete(name)) return;
    process.kill(processOf(name).pid, 'SIGCONT');
  };
  return {
    urls: addressesOf(first),
    async kill(name) {
      const id = processOf(name);
      process.kill(id.pid, 'SIGKILL');
      for (const until = Date.now() + gonePatienceMs; isAlive(id); await sleep(20)) {
        if (Date.now() > until) throw new Error(`${titles[name]} outlived SIGKILL`);
      }
    },
    async revive() {
      const again = await startAgain(settings, say, signal);
      handles.push(again);
      const [before, after] = [addressesOf(first), addressesOf(again)].map((urls) => JSON.stringify(urls));
      if (before !== after) throw new Error(`a server came back at another address: ${after}, was ${before}`);
    },
    pause(name) {
      paused.add(name);
      process.kill(processOf(name).pid, 'SIGSTOP');
    },
    resume,
    async stop() {
      for (const name of [...paused]) resume(name);
      for (const handle of handles) await handle.stop();
    },
  };
}

async function startAgain(settings: Settings, say: (line: string) => void, signal: AbortSignal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await bringUp(settings, say, signal);
    } catch (error) {
      // The children of a killed server may hold its port or memory for some moments.
      if (tries === 3 || signal.aborted) throw error;
      await sleep(2_000);
    }
  }
}

function addressesOf({ kafkaBrokers, postgresUrl, mongodbUrl, redisUrl }: RunningServices) {
  return { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl };
}
