import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, parseSettings } from '../../config/settings.ts';
import { bringUp, type RunningServices, type ServiceName } from '../../local/services/bringUp.ts';
import type { TestServices } from '../support/services.ts';

const folders: Readonly<Record<ServiceName, string>> = {
  kafka: 'kafka',
  postgres: 'postgres',
  mongodb: 'mongodb',
  redis: 'redis',
};

/** Four servers with a home folder of their own, as `.tillcast/` of a clone, for cold copies of it. */
export type OwnHome = Readonly<{
  /** The same addresses after each start. */
  urls: TestServices;
  up(): Promise<void>;
  down(): Promise<void>;
  /** What docs/backup.md says: the servers down, the folder copied with its owners, the servers up again. */
  backUp(): Promise<void>;
  /** The servers down, the folders of these put back as they were copied, the servers up again. */
  restore(names: readonly ServiceName[]): Promise<void>;
  close(): Promise<void>;
}>;

export async function openOwnHome(): Promise<OwnHome> {
  const folder = mkdtempSync(join(tmpdir(), 'tillcast-backup-'));
  // PostgreSQL runs as another user where we are root, and must be able to enter.
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  const copy = join(folder, 'copy');
  const { TILLCAST_CACHE } = childEnvironment();
  const settings = parseSettings({ TILLCAST_HOME: home, SERVICES: 'native', TILLCAST_CACHE });
  let services: RunningServices | undefined;
  const up = async () => {
    services = await bringUp(settings, () => undefined);
  };
  const down = async () => {
    await services?.stop();
    services = undefined;
  };
  await up();
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = services as unknown as RunningServices;
  return {
    urls: { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl },
    up,
    down,
    async backUp() {
      await down();
      rmSync(copy, { recursive: true, force: true });
      execFileSync('cp', ['-a', home, copy]);
      await up();
    },
    async restore(names) {
      await down();
      for (const name of names) {
        rmSync(join(home, folders[name]), { recursive: true, force: true });
        execFileSync('cp', ['-a', join(copy, folders[name]), join(home, folders[name])]);
      }
      await up();
    },
    async close() {
      await down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
