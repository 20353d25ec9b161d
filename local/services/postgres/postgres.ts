import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../config/settings.ts';
import { TillcastError } from '../../../lib/core/errors.ts';
import { cached, fingerprint, makeFolder } from '../cache.ts';
import { copyJars } from '../maven.ts';
import type { NativeService, Place } from '../nativeService.ts';
import { startServer } from '../processes.ts';
import { run } from '../run.ts';
import { findProgram, needProgram } from '../tools.ts';
import type { Context } from '../types.ts';
import { unzip } from '../zip.ts';
import { initialise } from './initialise.ts';
import { canEnter, giveTo, postgresOwner } from './owner.ts';
import { passwordIn } from './password.ts';

const version = '17.2';
const here = import.meta.dirname;
const systemFolder = '/var/lib/tillcast';
const key = () => `postgres-${version}-${platform()}-${fingerprint([join(here, 'pom.xml')])}`;

/** PostgreSQL from a jar that carries its executables; run by `nobody` where we are root. */
export const postgres: NativeService = {
  name: 'postgres',
  title: `PostgreSQL ${version}`,
  portCount: 1,
  // Its fast shutdown: ends open sessions, writes everything, stops.
  politeSignal: 'SIGINT',

  async place({ settings, say }, remembered): Promise<Place> {
    const { homeDir } = settings;
    const log = join(homeDir, 'logs', 'postgres.log');
    const own = join(homeDir, 'postgres');
    const owner = postgresOwner(remembered ?? own);
    if (owner === undefined) return { cache: cacheFolder(settings), folder: remembered ?? own, log };
    const cache = canEnter(cacheFolder(settings), owner) ? cacheFolder(settings) : join(systemFolder, 'cache');
    const folder = remembered ?? (canEnter(homeDir, owner) ? own : join(systemFolder, fingerprint([], homeDir)));
    if (folder !== own) {
      say(`PostgreSQL ${version}: runs as user ${owner.uid}, who may not enter ${homeDir}; its data are in ${folder}`);
    }
    return { cache, folder, log };
  },

  needs(place) {
    if (existsSync(join(place.cache, key()))) return [];
    return findProgram('python3') === undefined ? ['mvn', 'tar', 'xz'] : ['mvn'];
  },

  install: (context, place) => cached(place.cache, key(), context, (folder) => unpack(context, place, folder)),

  async start(context, place, programs, ports) {
    const owner = postgresOwner(place.folder);
    makeFolder(place.folder);
    // Beside the data, for it is theirs: a home folder that was deleted may have them elsewhere.
    const password = passwordIn(join(place.folder, 'password'));
    if (owner !== undefined) giveTo(place.folder, owner);
    const data = join(place.folder, 'data');
    if (!existsSync(data)) await initialise(context, { folder: place.folder, programs, owner });
    removeStalePid(data);
    const options = {
      listen_addresses: '127.0.0.1',
      port: ports[0],
      unix_socket_directories: '',
      max_connections: 200,
      // Sized for loads of millions of rows on a small machine; durability stays at its defaults.
      shared_buffers: '256MB',
      max_wal_size: '4GB',
      checkpoint_timeout: '15min',
      random_page_cost: '1.1',
    };
    const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const started = await startServer(join(programs, 'bin', 'postgres'), ['-D', data, ...settings], {
      cwd: place.folder,
      log: place.log,
      owner,
      env: { LC_ALL: 'C' },
    });
    const url = `postgres://tillcast:${password}@127.0.0.1:${ports[0]}/tillcast`;
    return { started, url, server: `PostgreSQL ${version}` };
  },
};

async function unpack(context: Context, place: Place, folder: string): Promise<void> {
  const { signal } = context;
  context.say(`PostgreSQL ${version}: downloading one jar (once, cached) …`);
  const jars = join(folder, 'jars');
  await copyJars(here, jars, { cache: place.cache, signal, properties: { platform: platform() } });
  const jar = readdirSync(jars).find((name) => name.includes(platform())) ?? '';
  const archive = unzip(readFileSync(join(jars, jar)), (name) => name.endsWith('.txz'));
  if (archive === undefined) throw new TillcastError('ETL_SERVICES', `${jar} holds no PostgreSQL`);
  const packed = join(folder, 'postgres.txz');
  writeFileSync(packed, archive);
  if (findProgram('tar') !== undefined && findProgram('xz') !== undefined) {
    await run(needProgram('tar'), ['--no-same-owner', '-xJf', packed, '-C', folder], { signal, timeoutMs: 120_000 });
  } else {
    const script = 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])';
    await run(needProgram('python3'), ['-c', script, packed, folder], { signal, timeoutMs: 120_000 });
  }
  rmSync(packed);
  rmSync(jars, { recursive: true });
  chmodSync(join(folder, 'bin'), 0o755);
}

/** After a crash the pid in postmaster.pid may by now be another program's, which PostgreSQL takes for itself. */
function removeStalePid(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file) || process.platform !== 'linux') return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const command = `/proc/${pid}/cmdline`;
  if (existsSync(command) && readFileSync(command, 'utf8').includes('postgres')) return;
  renameSync(file, join(data, '..', 'postmaster.pid.stale'));
}

/** The jar's name for this platform. */
function platform(): string {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  const chip = process.arch === 'arm64' ? 'arm64v8' : 'amd64';
  return `${system}-${chip}${existsSync('/etc/alpine-release') ? '-alpine' : ''}`;
}
