import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { TillcastError } from '../../lib/core/errors.ts';
import { freePorts } from './ports.ts';
import { passwordIn } from './postgres/password.ts';
import { probe, withoutPassword } from './probe.ts';
import { run } from './run.ts';
import { readState, remember, type State } from './state.ts';
import { findProgram } from './tools.ts';
import { type Context, type ServiceInfo, type ServiceName, serviceNames, titles } from './types.ts';

const composeFile = join(import.meta.dirname, '..', '..', 'docker-compose.yml');
const portKeys: Readonly<Record<ServiceName, string>> = {
  kafka: 'KAFKA_PORT',
  postgres: 'POSTGRES_PORT',
  mongodb: 'MONGODB_PORT',
  redis: 'REDIS_PORT',
};

/** Whether a Docker engine with `docker compose` answers, within ten seconds. */
export async function dockerAnswers(signal: AbortSignal): Promise<boolean> {
  const docker = findProgram('docker');
  if (docker === undefined) return false;
  try {
    await run(docker, ['version', '--format', '{{.Server.Version}}'], { signal, timeoutMs: 10_000 });
    await run(docker, ['compose', 'version'], { signal, timeoutMs: 10_000 });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * Starts the named services of docker-compose.yml and waits for their health checks.
 * @returns what was started; `began` are those that did not run before. @throws TillcastError (ETL_SERVICES)
 */
export async function startDocker(
  context: Context,
  names: readonly ServiceName[],
): Promise<{ infos: ServiceInfo[]; began: ServiceName[] }> {
  const { settings, signal, say } = context;
  const state = readState(settings.homeDir);
  const running = await runningInDocker(context);
  const ports = await choosePorts(state, names, running);
  const environment = composeEnvironment(settings.homeDir, ports);
  const began = names.filter((name) => !running.includes(name));
  say(`Docker: starting ${names.map((name) => titles[name]).join(', ')} (images are downloaded once) …`);
  try {
    const up = ['up', '-d', '--wait', '--wait-timeout', '300', ...names];
    await compose(settings.homeDir, up, { signal, timeoutMs: 1_800_000, env: environment });
    if (names.includes('postgres')) await setPassword(settings.homeDir, environment, signal);
    const infos = await Promise.all(
      names.map(async (name) => {
        const url = dockerUrl(name, ports.get(name) ?? 0, environment.POSTGRES_PASSWORD ?? '');
        const answer = await probe(name, url);
        if (!answer.ok)
          throw new TillcastError(
            'ETL_SERVICES',
            `${titles[name]} in Docker is healthy, but ${withoutPassword(url)} does not answer (${answer.reason})`,
            { retryable: true },
          );
        const server = name === 'kafka' ? 'Apache Kafka 4.1.0' : answer.server;
        return { name, url, server, origin: began.includes(name) ? ('docker' as const) : ('running' as const) };
      }),
    );
    for (const { name, url, server } of infos) {
      remember(settings.homeDir, name, { origin: 'docker', url, server, ports: [ports.get(name) ?? 0] });
      say(`${server} ready on 127.0.0.1:${ports.get(name)} (Docker)`);
    }
    return { infos, began };
  } catch (error) {
    await stopDocker(settings.homeDir, began).catch(() => {});
    throw error;
  }
}

/** Stops containers; volumes, and with them the data, stay. */
export async function stopDocker(homeDir: string, names: readonly ServiceName[]): Promise<void> {
  if (names.length === 0) return;
  const signal = new AbortController().signal;
  await compose(homeDir, ['stop', ...names], {
    signal,
    timeoutMs: 120_000,
    env: composeEnvironment(homeDir, new Map()),
  });
}

/** The compose services of this home folder that run now. */
export async function runningInDocker({ settings, signal }: Context): Promise<ServiceName[]> {
  const env = composeEnvironment(settings.homeDir, new Map());
  const list = ['ps', '--services', '--status', 'running'];
  const lines = (await compose(settings.homeDir, list, { signal, timeoutMs: 30_000, env })).split('\n');
  return serviceNames.filter((name) => lines.some((line) => line.trim() === name));
}

/** What docker-compose.yml reads from its environment. */
export function composeEnvironment(homeDir: string, ports: ReadonlyMap<ServiceName, number>): Record<string, string> {
  const pairs = [...ports].map(([name, port]) => [portKeys[name], String(port)] as const);
  return {
    ...Object.fromEntries(pairs),
    POSTGRES_PASSWORD: passwordIn(join(homeDir, 'postgres.password')),
  };
}

/** A service's address on the host. */
export function dockerUrl(name: ServiceName, port: number, password: string): string {
  const address = `127.0.0.1:${port}`;
  if (name === 'kafka') return address;
  if (name === 'postgres') return `postgres://tillcast:${password}@${address}/tillcast`;
  return name === 'mongodb' ? `mongodb://${address}` : `redis://${address}`;
}

/** The compose project: one per home folder, so that two clones never share containers or volumes. */
export function projectName(homeDir: string): string {
  return `tillcast-${createHash('sha256').update(homeDir).digest('hex').slice(0, 8)}`;
}

/** The volume may be older than our password file: inside the container the role needs none, and may set it. */
async function setPassword(homeDir: string, env: Record<string, string>, signal: AbortSignal): Promise<void> {
  const statement = `ALTER ROLE tillcast PASSWORD '${env.POSTGRES_PASSWORD}'`;
  const psql = ['exec', '-T', 'postgres', 'psql', '-q', '-U', 'tillcast', '-d', 'tillcast', '-c', statement];
  await compose(homeDir, psql, { signal, timeoutMs: 60_000, env });
}

function compose(homeDir: string, args: readonly string[], options: Parameters<typeof run>[2]): Promise<string> {
  const fixed = ['compose', '-p', projectName(homeDir), '-f', composeFile];
  return run(findProgram('docker') ?? 'docker', [...fixed, ...args], options);
}

async function choosePorts(state: State, names: readonly ServiceName[], running: readonly ServiceName[]) {
  const ports = new Map<ServiceName, number>();
  for (const name of names) {
    const kept = state.services[name]?.ports ?? [];
    const [port = 0] = running.includes(name) && kept.length > 0 ? kept : await freePorts(1, kept, [...ports.values()]);
    ports.set(name, port);
  }
  return ports;
}
