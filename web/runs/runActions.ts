import express, { type RequestHandler, Router } from 'express';
import { testAlert } from '../../jobs/alerts.ts';
import { retryRun } from '../../jobs/retryRun.ts';
import { askForNewestSlot } from '../../jobs/schedule.ts';
import { setClockPaused } from '../../lib/postgres/clockSwitch.ts';
import { withPatience } from '../patience.ts';
import { refuse } from '../refuse.ts';
import type { WebInput } from '../webInput.ts';
import { away } from './runHandler.ts';
import { keepSaying } from './sayings.ts';

const patienceMs = 15_000;

/** What a person does on the pages of runs: forms, so that it works without script. Answers lead back to a page. */
export function runActions(input: WebInput): Router {
  const router = Router();
  router.use(express.urlencoded({ extended: false, limit: '2kb' }));
  router.post('/runs/:run_id/retry', retry(input));
  router.post('/clock', clock(input));
  router.post('/alerts/test', alertTest(input));
  return router;
}

function retry({ pipeline, queues }: WebInput): RequestHandler {
  return async (request, response) => {
    const runId = String(request.params.run_id);
    const { outcome, because } = await withPatience(retryRun(pipeline, queues, runId), patienceMs, away);
    if (outcome === 'unknown') return refuse(request, response, 404, because);
    response.redirect(303, `/runs/${runId}?said=${keepSaying(because)}`);
  };
}

function clock(input: WebInput): RequestHandler {
  return async (request, response) => {
    const paused = pausedOf(request.body);
    if (paused === undefined) return refuse(request, response, 400, 'paused: expected yes or no');
    const said = await withPatience(switchClock(input, paused), patienceMs, away);
    response.redirect(303, `/runs?said=${keepSaying(said)}`);
  };
}

function pausedOf(body: unknown): boolean | undefined {
  const word = (body as { paused?: unknown } | undefined)?.paused;
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}

/** What was done, as a fragment of a sentence. */
export async function switchClock({ pipeline, queues }: WebInput, paused: boolean): Promise<string> {
  const changed = await setClockPaused(pipeline.db, paused);
  if (!changed) return paused ? 'the clock was paused already' : 'the clock was going already';
  if (paused) return 'the clock is paused: no run starts by itself; a run that is under way goes on';
  // It need not wait for the next sweep; where the queue is away the sweep does it.
  await askForNewestSlot(pipeline, queues).catch(() => undefined);
  return 'the clock goes on: what was missed is made good by one run';
}

function alertTest({ pipeline }: WebInput): RequestHandler {
  return async (request, response) => {
    const kind = (request.body as { kind?: unknown } | undefined)?.kind;
    if (kind !== 'failure' && kind !== 'absence')
      return refuse(request, response, 400, 'kind: expected failure or absence');
    const said = await testAlert(pipeline, kind, `${request.protocol}://${request.headers.host}`);
    response.redirect(303, `/runs?said=${keepSaying(said)}`);
  };
}
