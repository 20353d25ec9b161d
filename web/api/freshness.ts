import type { RequestHandler } from 'express';
import { lateSlot, newestSlot, nextSlot, periodsBefore } from '../../lib/core/slots.ts';
import { clockPaused } from '../../lib/postgres/clockSwitch.ts';
import { lastGoodRun, newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { withPatience } from '../patience.ts';
import type { WebInput } from '../webInput.ts';
import { type ApiInput, runName } from './answer.ts';
import { parseParameters } from './parameters.ts';

const patienceMs = 8_000;
const stalePeriods = 2;

/** How fresh the shown data are and what the pipeline does now; live, so without an ETag. */
export function freshness(input: ApiInput, web: WebInput): RequestHandler {
  return async (request, response) => {
    parseParameters({}, request.query);
    response
      .set('Cache-Control', 'no-store')
      .json(await withPatience(read(input, web, new Date()), patienceMs, 'PostgreSQL does not answer'));
  };
}

async function read({ views, settings }: ApiInput, { pipeline, nextSlot: next }: WebInput, now: Date) {
  const { db } = pipeline;
  const [view, runs, good, paused] = await Promise.all([
    views.current(),
    newestRuns(db, 20),
    lastGoodRun(db),
    clockPaused(db),
  ]);
  const open = runs.find((run) => run.finished_at === null);
  const ended = runs.find((run) => run.finished_at !== null);
  const step = open === undefined ? undefined : (await stepsOf(db, open.run_seq)).at(-1);
  const newest = newestSlot(settings.schedule, now);
  const periodSeconds = Math.round((nextSlot(settings.schedule, now).getTime() - newest.getTime()) / 1000);
  const ageSeconds =
    view?.publishedAt == null ? null : Math.max(0, Math.round((now.getTime() - view.publishedAt.getTime()) / 1000));
  return {
    run: view === undefined ? null : runName(view, settings),
    dataset: settings.dataset,
    now: now.toISOString(),
    data_until_utc: view?.clock.asOfUtc ?? null,
    as_of_date: view?.clock.asOfDate ?? null,
    age_seconds: ageSeconds,
    period_seconds: periodSeconds,
    stale: view?.publishedAt != null && view.publishedAt < periodsBefore(settings.schedule, now, stalePeriods),
    late_slot:
      runs.length === 0 || next() === null ? null : (lateSlot(settings.schedule, good, now)?.toISOString() ?? null),
    next_slot: next()?.toISOString() ?? null,
    clock_paused: paused,
    last_good_run_id: good?.run_id ?? null,
    open_run:
      open === undefined
        ? null
        : {
            run_id: open.run_id,
            since: open.opened_at.toISOString(),
            step: step?.step ?? null,
            attempt: step?.attempt ?? null,
            error: step?.error ?? null,
          },
    last_run: ended === undefined ? null : lastRun(ended),
  };
}

function lastRun(run: Run) {
  return {
    run_id: run.run_id,
    status: run.status,
    reason: run.reason,
    warnings: run.warnings,
    finished_at: run.finished_at?.toISOString() ?? null,
    rows_new: run.rows_new,
    rows_rejected: run.rows_rejected,
  };
}
