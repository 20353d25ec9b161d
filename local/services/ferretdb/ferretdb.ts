import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../config/settings.ts';
import { cached, fingerprint, makeFolder } from '../cache.ts';
import type { NativeService, Place } from '../nativeService.ts';
import { startServer } from '../processes.ts';
import { run } from '../run.ts';
import { needProgram } from '../tools.ts';

// Not newer: from 1.19 on each update by _id reads the whole collection (measured).
const version = '1.18.0';
const sources = ['main.go', 'go.mod', 'go.sum'];
const here = import.meta.dirname;
const platform = `${process.platform}-${process.arch}`;
const key = () => `ferretdb-${version}-${platform}-${fingerprint(sources.map((file) => join(here, file)))}`;

/** MongoDB's wire protocol by FerretDB with SQLite inside, built once from Go modules: no registry has MongoDB itself. */
export const ferretdb: NativeService = {
  name: 'mongodb',
  title: `FerretDB ${version}`,
  portCount: 1,
  politeSignal: 'SIGTERM',

  async place({ settings }): Promise<Place> {
    const { homeDir } = settings;
    return {
      cache: cacheFolder(settings),
      folder: join(homeDir, 'mongodb'),
      log: join(homeDir, 'logs', 'mongodb.log'),
    };
  },

  needs: (place) => (existsSync(join(place.cache, key())) ? [] : ['go']),

  install: (context, place) =>
    cached(place.cache, key(), context, async (folder) => {
      context.say(`FerretDB ${version}: building from Go modules (once, cached; about a minute) …`);
      for (const file of sources) copyFileSync(join(here, file), join(folder, file));
      await run(needProgram('go'), ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'ferretdb', '.'], {
        cwd: folder,
        env: { CGO_ENABLED: '0', GOWORK: 'off' },
        signal: context.signal,
        timeoutMs: 900_000,
      });
      for (const file of sources) rmSync(join(folder, file));
    }),

  async start(_context, place, programs, ports) {
    makeFolder(place.folder);
    const address = `127.0.0.1:${ports[0]}`;
    const started = await startServer(join(programs, 'ferretdb'), [address, place.folder], {
      cwd: place.folder,
      log: place.log,
    });
    return { started, url: `mongodb://${address}`, server: `FerretDB ${version} (SQLite)` };
  },
};
