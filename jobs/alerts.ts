import { type AlertMessage, postAlert } from '../lib/alert/webhook.ts';
import { periodsBefore } from '../lib/core/slots.ts';
import { type DueAlert, noteAbsence, noteDelivery, noteFailures, takeAlert } from '../lib/postgres/alerts.ts';
import { clockPaused } from '../lib/postgres/clockSwitch.ts';
import { findRun, lastGoodRun } from '../lib/postgres/ledger.ts';
import { firstRunAt } from '../lib/postgres/runHistory.ts';
import type { Pipeline } from './pipeline.ts';

const lookEveryMs = 15_000;

/**
 * Watches the ledger and tells ALERT_WEBHOOK of each run that failed for good, and of a time without a good run. Without
 * a webhook it does nothing. `pagesUrl`: where the pages are.
 */
export function startAlerts(
  pipeline: Pipeline,
  pagesUrl: string,
  say: (line: string) => void,
  everyMs = lookEveryMs,
): { close(): Promise<void> } {
  const { alertWebhook } = pipeline.settings;
  if (alertWebhook === undefined) return { close: async () => undefined };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look(pipeline, alertWebhook, pagesUrl, say)
      // PostgreSQL away: the ledger tells all when it is back.
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

async function look(pipeline: Pipeline, webhook: string, pagesUrl: string, say: (line: string) => void): Promise<void> {
  const { db } = pipeline;
  await noteFailures(db);
  const since = await absentSince(pipeline, new Date());
  if (since !== undefined) await noteAbsence(db, since);
  for (let alert = await takeAlert(db); alert !== undefined; alert = await takeAlert(db)) {
    const error = await postAlert(webhook, await messageOf(pipeline, alert, pagesUrl));
    await noteDelivery(db, alert, error);
    if (error !== undefined) say(`alert of ${alert.kind} (${alert.subject}), try ${alert.tries}: ${error}`);
  }
}

/** The last good run, or the first of all, where none came for ALERT_ABSENCE_PERIODS; undefined where all is well. */
async function absentSince({ db, settings }: Pipeline, now: Date): Promise<string | undefined> {
  const good = await lastGoodRun(db);
  const since = good === undefined ? await firstRunAt(db) : (good.finished_at ?? good.opened_at);
  if (since === null) return undefined;
  if (since > periodsBefore(settings.schedule, now, settings.alertAbsencePeriods)) return undefined;
  return good?.run_id ?? 'no good run yet';
}

async function messageOf(
  { db, settings }: Pipeline,
  { kind, subject }: DueAlert,
  pagesUrl: string,
): Promise<AlertMessage> {
  const { dataset } = settings;
  const runId = subject.split(' ')[0] ?? subject;
  const run = await findRun(db, runId);
  const since = run?.finished_at?.toISOString() ?? null;
  if (kind === 'failure') {
    const reason = run?.reason ?? 'no reason was recorded';
    const text = `tillcast ${dataset}: run ${runId} failed: ${reason}. Nothing is lost; the next run brings in what this one had to, or try it again: ${pagesUrl}/runs/${runId}`;
    return { text, kind, dataset, run_id: runId, since, reason, url: `${pagesUrl}/runs/${runId}` };
  }
  const paused = (await clockPaused(db)) ? ' The clock is paused.' : '';
  const last = run === undefined ? 'no good run yet' : `the last good run was ${runId}, which ended ${since}`;
  const text = `tillcast ${dataset}: no good run for ${settings.alertAbsencePeriods} periods; ${last}.${paused} ${pagesUrl}/runs`;
  return {
    text,
    kind,
    dataset,
    run_id: run?.run_id ?? null,
    since,
    reason: paused.trim() || null,
    url: `${pagesUrl}/runs`,
  };
}

/** Sends a message that says it is a test. @returns what became of it, as a fragment of a sentence */
export async function testAlert(
  { settings }: Pipeline,
  kind: 'failure' | 'absence',
  pagesUrl: string,
): Promise<string> {
  const { alertWebhook, dataset } = settings;
  if (alertWebhook === undefined) return 'no webhook is set: ALERT_WEBHOOK in .env names the receiver';
  const what = kind === 'failure' ? 'a run that failed for good' : 'a time without a good run';
  const text = `tillcast ${dataset}: this is a test of the alert of ${what}; nothing is wrong. ${pagesUrl}/runs`;
  const message = {
    text,
    kind: 'test',
    dataset,
    run_id: null,
    since: null,
    reason: null,
    url: `${pagesUrl}/runs`,
  } as const;
  const error = await postAlert(alertWebhook, message);
  return error === undefined
    ? `the test alert of ${what} was taken by the receiver`
    : `the test alert did not arrive: ${error}`;
}
