import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Papa from 'papaparse';
import pg from 'pg';

/** Watches what others can read while runs go on. `halfRuns` grows with each sight that belongs to no one run. */
export type HalfRunReader = Readonly<{
  halfRuns: readonly string[];
  /** Looks that could be judged so far. */
  polls(): number;
  stop(): Promise<{ polls: number; halfRuns: readonly string[] }>;
}>;

/** A reader that polls PostgreSQL and an output folder from now on; a server that is away is simply asked again. */
export function startHalfRunReader(
  postgresUrl: string,
  schema: string,
  outputDir: string,
  everyMs = 100,
): HalfRunReader {
  const pool = new pg.Pool({
    connectionString: postgresUrl,
    max: 1,
    connectionTimeoutMillis: 3_000,
    query_timeout: 5_000,
    application_name: 'half-run-reader',
    options: `-c search_path=${schema}`,
  });
  pool.on('error', () => undefined);
  const halfRuns: string[] = [];
  let polls = 0;
  let stopping = false;
  const look = async (watch: () => Promise<string | true | undefined>) => {
    while (!stopping) {
      const seen = await watch().catch(() => undefined);
      if (seen !== undefined) polls += 1;
      if (typeof seen === 'string' && halfRuns.length < 50) halfRuns.push(seen);
      await sleep(everyMs);
    }
  };
  const looking = [look(() => halfRunInPostgres(pool)), look(() => halfRunInFolder(outputDir))];
  return {
    halfRuns,
    polls: () => polls,
    async stop() {
      stopping = true;
      await Promise.all(looking);
      await pool.end().catch(() => undefined);
      return { polls, halfRuns };
    },
  };
}

/** One statement sees one moment: totals, deltas of runs, events and the ledger must tell of the same runs. */
async function halfRunInPostgres(pool: pg.Pool): Promise<string | true> {
  const { rows } = await pool.query<Record<string, string>>(`
    SELECT (SELECT coalesce(sum(delta_quantity), 0) FROM store_item)::text AS store_item,
           (SELECT coalesce(sum(delta_quantity), 0) FROM run_delta)::text AS run_delta,
           (SELECT coalesce(sum(quantity), 0) FROM inventory_event WHERE NOT is_count)::text AS inventory_event,
           (SELECT coalesce(sum(delta_quantity), 0) FROM store_item_day)::text AS store_item_day,
           (SELECT count(*) FROM inventory_event)::text AS events,
           (SELECT coalesce(sum(event_count), 0) FROM store_item)::text AS event_count,
           (SELECT coalesce(sum(rows_new), 0) FROM run WHERE applied_at IS NOT NULL)::text AS rows_new`);
  const seen = rows[0] ?? {};
  const sums = new Set([seen.store_item, seen.run_delta, seen.inventory_event, seen.store_item_day]);
  const counts = new Set([seen.events, seen.event_count, seen.rows_new]);
  return sums.size === 1 && counts.size === 1 ? true : `PostgreSQL shows a half-run: ${JSON.stringify(seen)}`;
}

/** Judged only where run_info.csv says the same complete run before and after the look; archive/ aside. */
async function halfRunInFolder(outputDir: string): Promise<string | true | undefined> {
  const before = await completeRun(outputDir);
  if (before === undefined) return undefined;
  const found = new Map<string, string>();
  for (const name of await readdir(outputDir)) {
    if (!name.endsWith('.csv') || name === 'run_info.csv') continue;
    const runId = await firstRunId(join(outputDir, name));
    if (runId !== undefined) found.set(name, runId);
  }
  if ((await completeRun(outputDir)) !== before) return undefined;
  const others = [...found].filter(([, runId]) => runId !== before);
  if (others.length === 0) return true;
  return `run_info.csv names ${before}, but ${others.map(([name, runId]) => `${name} is of ${runId}`).join(', ')}`;
}

async function completeRun(outputDir: string): Promise<string | undefined> {
  const text = await head(join(outputDir, 'run_info.csv'));
  const [info] = Papa.parse<Record<string, string>>(text.replace('\ufeff', ''), { header: true }).data;
  return info?.state === 'complete' ? info.run_id : undefined;
}

/** The run_id stands last but one, and neither it nor what follows ever holds a comma. Undefined where no row is. */
async function firstRunId(path: string): Promise<string | undefined> {
  const [, row = ''] = (await head(path)).split('\n');
  return row === '' ? undefined : row.split(',').at(-2);
}

async function head(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16_384), 0, 16_384, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
