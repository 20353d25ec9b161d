import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { TillcastError } from '../../lib/core/errors.ts';
import { makeFolder } from './cache.ts';
import { dockerAnswers, startDocker, stopDocker } from './docker.ts';
import { findConfigured, findRunning } from './found.ts';
import { lock } from './lock.ts';
import { startNative, stopNative } from './native.ts';
import { joinUsers, leaveUsers, livingProcess, readState, writeState } from './state.ts';
import { type Context, type RunningServices, type ServiceInfo, type ServiceName, serviceNames } from './types.ts';

export type { RunningServices, ServiceInfo, ServiceName } from './types.ts';

const lockPatienceMs = 30 * 60_000;
const stopPatienceMs = 20_000;
const lockFolder = (homeDir: string) => join(homeDir, '.lock');

/**
 * Finds or starts the four services: what is configured and answers, else what an earlier start left running, else
 * Docker, else natively. Returns when all answer in their own protocols. `say` takes a line per step. `stop` ends them
 * when nobody else of this home uses them and `services up` did not keep them.
 * @throws TillcastError (ETL_SERVICES): a configured address is silent, a tool is missing, a server does not start.
 * If it throws, or `signal` aborts it (then the abort reason is thrown), everything it had started is stopped again.
 */
export async function bringUp(
  settings: Settings,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningServices> {
  const context: Context = { settings, say, signal };
  signal.throwIfAborted();
  const configured = await findConfigured(context);
  const others = serviceNames.filter((name) => configured.every((info) => info.name !== name));
  if (others.length === 0) return running(configured, async () => {});
  return withHome(context, async () => {
    const found = await findRunning(context, others);
    const names = others.filter((name) => found.every((info) => info.name !== name));
    const { infos, stop } = names.length === 0 ? { infos: [], stop: async () => {} } : await start(context, names);
    const token = joinUsers(settings.homeDir);
    return running([...configured, ...found, ...infos], () => leave(settings.homeDir, token, stop));
  });
}

/** Ends the servers unless somebody else still uses them, or they are kept: who comes last puts out the light. */
async function leave(homeDir: string, token: string, stopDockers: () => Promise<void>): Promise<void> {
  // Without the lock after a while: who holds it that long may be stuck, and our servers must not outlive us.
  const release = await lock(lockFolder(homeDir), { patienceMs: stopPatienceMs }).catch(() => () => {});
  try {
    const last = leaveUsers(homeDir, token);
    if (!last) return;
    await stopDockers();
    const { services } = readState(homeDir);
    await Promise.all(
      serviceNames.map(async (name) => {
        const id = livingProcess(services[name]);
        if (id !== undefined) await stopNative(homeDir, name, id);
      }),
    );
  } finally {
    release();
  }
}

/** Runs `work` while no other process starts or stops services of this home folder. */
export async function withHome<T>({ settings, say, signal }: Context, work: () => Promise<T>): Promise<T> {
  makeFolder(settings.homeDir);
  const release = await lock(lockFolder(settings.homeDir), {
    patienceMs: lockPatienceMs,
    signal,
    onWait: (pid) => say(`Waiting for process ${pid}, which is starting or stopping the services …`),
  });
  try {
    return await work();
  } finally {
    release();
  }
}

/** Starts the named services where this home folder keeps them. */
async function start(context: Context, names: readonly ServiceName[]) {
  const { homeDir } = context.settings;
  const from = await choose(context);
  writeState(homeDir, { ...readState(homeDir), from });
  if (from === 'docker') {
    const { infos, began } = await startDocker(context, names);
    return { infos, stop: () => stopDocker(homeDir, began) };
  }
  const started = await startNative(context, names);
  return { infos: started.map(({ info }) => info), stop: async () => {} };
}

/** Docker or native: as told, else as before (data lie there), else Docker if an engine answers. */
async function choose({ settings, say, signal }: Context): Promise<'docker' | 'native'> {
  const state = readState(settings.homeDir);
  const wish = settings.servicesFrom === 'auto' ? state.from : settings.servicesFrom;
  if (wish !== undefined && state.from !== undefined && wish !== state.from) {
    if (serviceNames.some((name) => livingProcess(state.services[name]) !== undefined)) {
      throw new TillcastError(
        'ETL_SERVICES',
        `SERVICES=${wish}, but services run from ${state.from}; end them first: npm run services -- down`,
      );
    }
    say(`Services now come from ${wish}, until now from ${state.from}: the data of the one are not in the other`);
  }
  if (wish === 'native') return 'native';
  if (await dockerAnswers(signal)) return 'docker';
  if (wish === undefined) return 'native';
  const why = settings.servicesFrom === 'docker' ? 'SERVICES=docker' : 'the data of this clone are in Docker volumes';
  const remedy = 'start the engine (with docker compose), or set SERVICES=native to begin with empty services';
  throw new TillcastError('ETL_SERVICES', `No Docker engine answers, but ${why}; ${remedy}`, { retryable: true });
}

function running(services: readonly ServiceInfo[], end: () => Promise<void>): RunningServices {
  const url = (name: ServiceName) => services.find((info) => info.name === name)?.url ?? '';
  const sorted = serviceNames.flatMap((name) => services.filter((info) => info.name === name));
  let stopping: Promise<void> | undefined;
  return {
    services: sorted,
    kafkaBrokers: url('kafka'),
    postgresUrl: url('postgres'),
    mongodbUrl: url('mongodb'),
    redisUrl: url('redis'),
    stop: () => {
      stopping ??= end();
      return stopping;
    },
  };
}
