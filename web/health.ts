import type { RequestHandler } from 'express';
import { lastGoodRun, openRunRow } from '../lib/postgres/ledger.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { withPatience } from './patience.ts';

const patienceMs = 3_000;

/** For Docker's health check and monitors: 200, or 503 while PostgreSQL, which holds the truth, does not answer. */
export function health(db: Database, dataset: string): RequestHandler {
  return async (_request, response) => {
    try {
      const runs = Promise.all([lastGoodRun(db), openRunRow(db)]);
      const [good, open] = await withPatience(runs, patienceMs, 'PostgreSQL does not answer');
      const ids = { last_good_run_id: good?.run_id ?? null, open_run_id: open?.run_id ?? null };
      response.json({ ok: true, dataset, ...ids });
    } catch {
      response.status(503).json({ ok: false, dataset, last_good_run_id: null, open_run_id: null });
    }
  };
}
