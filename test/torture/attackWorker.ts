import { setTimeout as sleep } from 'node:timers/promises';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { openQueues } from '../../lib/queue/queues.ts';
import type { Field, Strike } from './attack.ts';
import { type Ended, lastWords } from './programs.ts';

const workerFile = 'jobs/worker.ts';
const patienceMs = 180_000;

/**
 * A resident worker is killed at a random moment of a run that a person asked for; its supervisor starts it again, and
 * the run must be taken up and end well without anybody.
 */
export async function attackWorker({ shop, servers, random }: Field): Promise<Strike> {
  const queues = openQueues(redisConnection(servers.urls.redisUrl), queuePrefix(shop.name));
  let worker = shop.start(workerFile);
  try {
    await queues.door.add('run', {});
    const seen = await waitFor(
      () => openRunOf(shop.db),
      patienceMs,
      () => worker.lives(),
    );
    if (seen === undefined) {
      worker.send('SIGTERM');
      return { hit: false, atMs: Date.now(), problems: hang(await worker.ended) };
    }
    await Promise.race([sleep(random.between(0, 1_800)), worker.ended]);
    const hit = worker.lives() && (await openRunOf(shop.db).catch(() => undefined)) === seen;
    const atMs = Date.now();
    worker.send('SIGKILL');
    const status = await waitFor(
      () => endOf(shop.db, seen),
      patienceMs,
      () => {
        // As the supervisor does it; a server may be away when a worker starts.
        if (!worker.lives()) worker = shop.start(workerFile);
        return true;
      },
    );
    worker.send('SIGTERM');
    const problems = hang(await worker.ended);
    if (status === undefined) problems.push(`no new worker took run ${seen} up and ended it in ${patienceMs / 1000} s`);
    if (status === 'failed') problems.push(`run ${seen} failed under the new worker`);
    return { hit, atMs, problems };
  } finally {
    await queues.close();
  }
}

async function openRunOf(db: Field['shop']['db']): Promise<string | undefined> {
  const { rows } = await db.query<{ run_id: string }>('SELECT run_id FROM run WHERE finished_at IS NULL');
  return rows[0]?.run_id;
}

async function endOf(db: Field['shop']['db'], runId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ status: string }>(
    'SELECT status FROM run WHERE run_id = $1 AND finished_at IS NOT NULL',
    [runId],
  );
  return rows[0]?.status;
}

/** Asks until there is an answer; a server that is away for a moment is asked again. */
async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  forMs: number,
  goOn: () => boolean,
): Promise<T | undefined> {
  for (const until = Date.now() + forMs; Date.now() < until && goOn(); ) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(60);
  }
  return undefined;
}

function hang(end: Ended): string[] {
  return end.hung ? [`the worker did not end: ${lastWords(end)}`] : [];
}
