import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../../lib/core/errors.ts';
import { ferretdb } from './ferretdb/ferretdb.ts';
import { kafka } from './kafka/kafka.ts';
import type { NativeService, Place } from './nativeService.ts';
import { freePorts } from './ports.ts';
import { postgres } from './postgres/postgres.ts';
import { waitForAnswer } from './probe.ts';
import { type ProcessId, type Started, stopServer } from './processes.ts';
import { redis } from './redis/redis.ts';
import { forgetProcess, readState, remember, type State } from './state.ts';
import { checkTools, type Tool } from './tools.ts';
import type { Context, ServiceInfo, ServiceName } from './types.ts';

const patienceMs = 90_000;
const tries = 3;
const native: Readonly<Record<ServiceName, NativeService>> = { kafka, postgres, mongodb: ferretdb, redis };

/** A service that this call started, and its process. */
export type StartedService = Readonly<{ info: ServiceInfo; id: ProcessId }>;

/**
 * Obtains and starts the named services, all at once, and waits until each answers in its own protocol.
 * If one fails, those already started are ended before the error is thrown; the home's lock must be held.
 * @throws TillcastError (ETL_SERVICES), or the abort reason.
 */
export async function startNative(context: Context, names: readonly ServiceName[]): Promise<StartedService[]> {
  const { homeDir } = context.settings;
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    const remedy = 'start a Docker engine, or set KAFKA_BROKERS, POSTGRES_URL, MONGODB_URL and REDIS_URL';
    throw new TillcastError('ETL_SERVICES', `Services start without Docker on Linux and macOS only; ${remedy}`);
  }
  const state = readState(homeDir);
  const places = new Map<ServiceName, Place>();
  for (const name of names) places.set(name, await native[name].place(context, rememberedFolder(state, name)));
  await checkTools(neededTools(places), context.signal);
  const ports = await choosePorts(state, names);

  const failed = new AbortController();
  const started: { name: ServiceName; id: ProcessId }[] = [];
  const inner: Context = { ...context, signal: AbortSignal.any([context.signal, failed.signal]) };
  const results = await Promise.allSettled(
    names.map(async (name) => {
      try {
        return await startOne(inner, name, places.get(name) as Place, ports.get(name) as number[], (id) =>
          started.push({ name, id }),
        );
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  const broken = results.some((result) => result.status === 'rejected');
  if (!broken) return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  await Promise.allSettled(started.map(({ name, id }) => stopNative(homeDir, name, id)));
  context.signal.throwIfAborted();
  // The first failure; the others only followed it.
  throw failed.signal.reason;
}

/** Ends one native server politely and forgets its process; its port and data stay for the next start. */
export async function stopNative(homeDir: string, name: ServiceName, id: ProcessId): Promise<void> {
  await stopServer(id, native[name].politeSignal);
  forgetProcess(homeDir, name, id);
}

async function startOne(
  context: Context,
  name: ServiceName,
  place: Place,
  ports: readonly number[],
  onStart: (id: ProcessId) => void,
): Promise<StartedService> {
  const { signal, say, settings } = context;
  const service = native[name];
  const programs = await service.install(context, place);
  const begin = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const { started, url, server } = await service.start(context, place, programs, ports);
    onStart(started.id);
    const entry = { origin: 'native' as const, url, ports: [...ports], process: started.id, folder: place.folder };
    // Before it answers, so that a crash of ours in between leaves a server that the next start knows.
    remember(settings.homeDir, name, { ...entry, server });
    try {
      const answered = await waitForAnswer(name, url, { patienceMs, signal, log: place.log, started });
      const shown = server || answered;
      remember(settings.homeDir, name, { ...entry, server: shown });
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      say(`${server === '' ? answered : service.title} ready on 127.0.0.1:${ports[0]} (${seconds} s)`);
      return { info: { name, url, origin: 'native', server: shown }, id: started.id };
    } catch (error) {
      // Right after a kill -9 the last children of the old server may still hold its memory or port for a moment.
      if (attempt >= tries || !(await endedBySelf(started)) || signal.aborted) throw error;
      await sleep(1000, undefined, { signal });
    }
  }
}

async function endedBySelf(started: Started): Promise<boolean> {
  return (await Promise.race([started.exited, sleep(0)])) !== undefined;
}

function rememberedFolder(state: State, name: ServiceName): string | undefined {
  const folder = state.services[name]?.folder;
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

function neededTools(places: ReadonlyMap<ServiceName, Place>): Map<Tool, ServiceName[]> {
  const needs = new Map<Tool, ServiceName[]>();
  for (const [name, place] of places) {
    for (const tool of native[name].needs(place)) needs.set(tool, [...(needs.get(tool) ?? []), name]);
  }
  return needs;
}

async function choosePorts(state: State, names: readonly ServiceName[]): Promise<Map<ServiceName, number[]>> {
  const ports = new Map<ServiceName, number[]>();
  for (const name of names) {
    const remembered = state.services[name]?.ports ?? [];
    ports.set(name, await freePorts(native[name].portCount, remembered, [...ports.values()].flat()));
  }
  return ports;
}
