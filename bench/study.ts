import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, parseSettings, type Settings } from '../config/settings.ts';
import { bringUp, type RunningServices } from '../local/services/bringUp.ts';

/** What a study works with. `quick` asks for a small version that shows that it works, not for figures to publish. */
export type StudyContext = Readonly<{
  quick: boolean;
  /** Where JSON, Markdown and SVG go: bench/results, or --out. */
  resultsDir: string;
  services: RunningServices;
  /** Settings of a process of this study: the four servers, and what `extra` sets (OUTPUT_DIR, DATASET, …). */
  settings(extra?: Readonly<Record<string, string>>): Settings;
  /** The same as an environment for child processes. */
  environment(extra?: Readonly<Record<string, string>>): NodeJS.ProcessEnv;
  /** A folder for inputs and outputs, gone afterwards. */
  workDir: string;
  say(line: string): void;
  signal: AbortSignal;
}>;

export type Study = (context: StudyContext) => Promise<void>;

/** Runs a study on four servers of its own with empty data, and stops them afterwards. */
export async function withStudy(
  options: Readonly<{ quick: boolean; resultsDir: string; say(line: string): void; signal: AbortSignal }>,
  study: Study,
): Promise<void> {
  const workDir = mkdtempSync(join(tmpdir(), 'tillcast-bench-'));
  // PostgreSQL runs as another user where we are root, and must be able to enter.
  chmodSync(workDir, 0o755);
  const base = { TILLCAST_HOME: join(workDir, 'servers') };
  const services = await bringUp(parseSettings({ ...cacheOf(), ...base }), options.say, options.signal);
  const addresses = {
    KAFKA_BROKERS: services.kafkaBrokers,
    POSTGRES_URL: services.postgresUrl,
    MONGODB_URL: services.mongodbUrl,
    REDIS_URL: services.redisUrl,
  };
  try {
    await study({
      ...options,
      services,
      workDir,
      settings: (extra = {}) => parseSettings({ ...cacheOf(), ...base, ...addresses, ...extra }),
      environment: (extra = {}) => childEnvironment({ ...base, ...addresses, ...extra }),
    });
  } finally {
    await services.stop();
    rmSync(workDir, { recursive: true, force: true });
  }
}

function cacheOf() {
  const { TILLCAST_CACHE } = childEnvironment();
  return TILLCAST_CACHE === undefined ? {} : { TILLCAST_CACHE };
}
