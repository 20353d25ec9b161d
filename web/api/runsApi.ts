import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { testAlert } from '../../jobs/alerts.ts';
import { retryRun } from '../../jobs/retryRun.ts';
import { type PastRun, runPage } from '../../lib/postgres/runHistory.ts';
import { withPatience } from '../patience.ts';
import { readGrid } from '../runs/grid.ts';
import { switchClock } from '../runs/runActions.ts';
import { away, readRun } from '../runs/runHandler.ts';
import { askDoor } from '../runs/runNow.ts';
import type { WebInput } from '../webInput.ts';
import { parameters, parseParameters } from './parameters.ts';
import { RequestError } from './problem.ts';

const patienceMs = 15_000;
const statuses = ['running', 'succeeded', 'succeeded_with_warnings', 'failed'] as const;

/** Runs from the ledger and what a person can do with them; live, so without a pin or an ETag by run. */
export function runsApi(input: WebInput): Router {
  const { db, settings } = input.pipeline;
  const router = Router();
  router.use(express.json({ limit: '4kb' }));
  const live =
    (make: (query: object, params: Record<string, unknown>, body: unknown) => Promise<object>): RequestHandler =>
    async (request, response) => {
      const made = make(request.query, request.params, request.body);
      response.set('Cache-Control', 'no-store').json(await withPatience(made, patienceMs, away));
    };

  router.get(
    '/runs',
    live(async (query) => {
      const { status, from, to, page, size } = parseParameters(listShape, query);
      const found = await runPage(db, { status, from: from ?? null, to: to ?? null }, page, size);
      return { runs: found.runs.map(runRow), total: found.total, page, size };
    }),
  );
  router.get(
    '/runs/grid',
    live(async (query) => {
      const { days } = parseParameters({ days: parameters.limit(14, 92) }, query);
      return { days: (await readGrid(db, settings.schedule, days, new Date())).map(gridDay) };
    }),
  );
  router.get(
    '/runs/:run_id',
    live(async (query, { run_id: runId }) => {
      parseParameters({}, query);
      const found = await readRun(db, String(runId));
      if (found === undefined) throw new RequestError(404, `run_id: there is no run ${String(runId).slice(0, 64)}`);
      const { run, steps, log, files, filesInAll, retryLeft } = found;
      const retry = { can: run.status === 'failed' && retryLeft === undefined, because: retryLeft ?? null };
      return { ...runRow(run), steps, log, files, files_in_all: filesInAll, retry };
    }),
  );
  router.post(
    '/runs',
    live(async () => askDoor(input.queues)),
  );
  router.post(
    '/runs/:run_id/retry',
    live(async (_query, { run_id: runId }) => {
      const result = await retryRun(input.pipeline, input.queues, String(runId));
      if (result.outcome === 'unknown') throw new RequestError(404, `run_id: ${result.because}`);
      return result;
    }),
  );
  router.post(
    '/clock',
    live(async (_query, _params, body) => {
      const { paused } = bodyOf(z.strictObject({ paused: z.boolean() }), body, '{"paused": true} or {"paused": false}');
      return { paused, because: await switchClock(input, paused) };
    }),
  );
  router.post('/alerts/test', async (request, response) => {
    const shape = z.strictObject({ kind: z.enum(['failure', 'absence']) });
    const { kind } = bodyOf(shape, request.body, '{"kind": "failure"} or {"kind": "absence"}');
    const pages = `${request.protocol}://${request.headers.host}`;
    response.json({ kind, because: await testAlert(input.pipeline, kind, pages) });
  });
  return router;
}

const listShape = {
  status: parameters.someOf(statuses).transform((list) => list as (typeof statuses)[number][] | null),
  from: parameters.date,
  to: parameters.date,
  page: parameters.page,
  size: parameters.size(),
};

function bodyOf<T>(shape: z.ZodType<T>, body: unknown, expected: string): T {
  const checked = shape.safeParse(body);
  if (checked.success) return checked.data;
  throw new RequestError(
    400,
    `body: expected ${expected} as application/json, got ${JSON.stringify(body ?? null).slice(0, 100)}`,
  );
}

function runRow(run: PastRun) {
  const { run_id, trigger, slot, covers, status, reason, warnings, opened_at, finished_at, attempts } = run;
  const { files, files_refused, rows_read, rows_new, rows_duplicate, rows_rejected, pairs_changed } = run;
  return {
    ...{ run_id, trigger, slot, covers, status, reason, warnings, opened_at, finished_at, attempts },
    ...{ files, files_refused, rows_read, rows_new, rows_duplicate, rows_rejected, pairs_changed },
  };
}

function gridDay({ date, hours }: Awaited<ReturnType<typeof readGrid>>[number]) {
  return {
    date,
    hours: hours.map(({ hour, state, slot, runId, coveredBy, seconds, attempts, slots }) => ({
      ...{ hour, state, slot, run_id: runId, covered_by: coveredBy, seconds, attempts, slots },
    })),
  };
}
