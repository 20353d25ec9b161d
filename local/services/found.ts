import type { Settings } from '../../config/settings.ts';
import { TillcastError } from '../../lib/core/errors.ts';
import { stopNative } from './native.ts';
import { probe, withoutPassword } from './probe.ts';
import { livingProcess, readState } from './state.ts';
import { addressKeys, type Context, type ServiceInfo, type ServiceName, serviceNames, titles } from './types.ts';

/** The address a setting gives to a service, if any. */
export function configuredUrl(settings: Settings, name: ServiceName): string | undefined {
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = settings;
  return { kafka: kafkaBrokers, postgres: postgresUrl, mongodb: mongodbUrl, redis: redisUrl }[name];
}

/**
 * The services whose address is configured.
 * @throws TillcastError (ETL_SERVICES, retryable) that names each one that does not answer: it is never replaced.
 */
export async function findConfigured({ settings, signal }: Context): Promise<ServiceInfo[]> {
  const asked = await Promise.all(
    serviceNames.map(async (name) => {
      const url = configuredUrl(settings, name);
      return url === undefined ? undefined : { name, url, answer: await probe(name, url, 10_000) };
    }),
  );
  signal.throwIfAborted();
  const found: ServiceInfo[] = [];
  const silent: string[] = [];
  for (const one of asked) {
    if (one === undefined) continue;
    const { name, url, answer } = one;
    if (answer.ok) found.push({ name, url, origin: 'configured', server: answer.server });
    else silent.push(`${addressKeys[name]}=${withoutPassword(url)} does not answer (${oneLine(answer.reason)})`);
  }
  if (silent.length === 0) return found;
  const remedy = `start ${silent.length > 1 ? 'them' : 'it'}, mend the address, or unset it and one is started here`;
  throw new TillcastError('ETL_SERVICES', `${silent.join('; ')}: ${remedy}`, { retryable: true });
}

/**
 * Native servers that an earlier start left running and that answer. One that lives but does not answer is ended, so
 * that a fresh one can take its place and its data. The home's lock must be held.
 */
export async function findRunning(context: Context, names: readonly ServiceName[]): Promise<ServiceInfo[]> {
  const { settings, say } = context;
  const { services } = readState(settings.homeDir);
  const found = await Promise.all(
    names.map(async (name): Promise<ServiceInfo | undefined> => {
      const entry = services[name];
      const id = livingProcess(entry);
      if (entry === undefined || id === undefined) return undefined;
      for (let tries = 0; tries < 3; tries += 1) {
        const answer = await probe(name, entry.url, 10_000);
        context.signal.throwIfAborted();
        if (answer.ok) return { name, url: entry.url, origin: 'running', server: entry.server || answer.server };
      }
      say(`${titles[name]}: process ${id.pid} was left running but does not answer; it is started anew`);
      await stopNative(settings.homeDir, name, id);
      return undefined;
    }),
  );
  return found.filter((info) => info !== undefined);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '');
}
