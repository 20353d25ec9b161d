import type { RequestHandler } from 'express';
import { health } from '../lib/postgres/health.ts';
import { lastGoodRun, newestRuns, type Run } from '../lib/postgres/ledger.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { stepsOf } from '../lib/postgres/runSteps.ts';
import { withPatience } from './patience.ts';

const patienceMs = 5_000;

/** One measurement of a metric: labels and value; null is left out. */
type Sample = Readonly<{ labels?: Readonly<Record<string, string>>; value: number | null }>;

/** For Prometheus, in its text format: how fresh the data are, the last run and its steps, how far MongoDB is behind. */
export function metrics(db: Database, dataset: string): RequestHandler {
  return async (_request, response) => {
    const text = await withPatience(readMetrics(db, dataset), patienceMs, 'PostgreSQL does not answer');
    response.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  };
}

async function readMetrics(db: Database, dataset: string): Promise<string> {
  const [good, runs, state] = await Promise.all([lastGoodRun(db), newestRuns(db, 100), health(db)]);
  const open = runs.find((run) => run.finished_at === null);
  const ended = runs.find((run) => run.finished_at !== null);
  const steps = ended === undefined ? [] : await stepsOf(db, ended.run_seq);
  const gauge = (name: string, help: string, samples: readonly Sample[]) => metric(dataset, name, help, samples);
  const one = (value: number | null): Sample[] => [{ value }];
  return [
    gauge('last_good_run_timestamp_seconds', 'When the last good run ended.', one(seconds(good?.finished_at ?? null))),
    gauge('last_run_timestamp_seconds', 'When the newest ended run ended.', one(seconds(ended?.finished_at ?? null))),
    gauge(
      'last_run_failed',
      '1 where the newest ended run failed.',
      one(ended === undefined ? null : Number(ended.status === 'failed')),
    ),
    gauge('last_run_duration_seconds', 'How long it took.', one(ended === undefined ? null : durationOf(ended))),
    gauge(
      'last_run_rows',
      'Rows of its exports, by what became of them.',
      (['read', 'new', 'duplicate', 'rejected'] as const).map((kind) => ({
        labels: { kind },
        value: ended === undefined ? null : Number(ended[`rows_${kind}`]),
      })),
    ),
    gauge(
      'last_run_step_seconds',
      'How long the last attempt of each of its steps took.',
      steps.map(({ step, started_at, finished_at }) => ({
        labels: { step },
        value: finished_at === null ? null : (finished_at.getTime() - started_at.getTime()) / 1000,
      })),
    ),
    gauge('open_run_timestamp_seconds', 'When the run under way began.', one(seconds(open?.opened_at ?? null))),
    gauge('failed_runs_in_a_row', 'Failed runs since the last good one.', one(failedInARow(runs))),
    gauge('mongodb_runs_behind', 'Runs that MongoDB does not hold yet.', one(state.unmirroredRuns)),
    gauge('silent_store_days', 'Days without an event of the store that is silent longest.', [
      { labels: { store_id: String(state.silentStore?.storeId) }, value: state.silentStore?.days ?? null },
    ]),
  ].join('');
}

function metric(dataset: string, name: string, help: string, samples: readonly Sample[]): string {
  const newest = new Map<string, number>();
  for (const { labels = {}, value } of samples) {
    const named = Object.entries({ dataset, ...labels }).map(([label, text]) => `${label}="${escaped(text)}"`);
    if (value !== null) newest.set(named.join(','), value);
  }
  if (newest.size === 0) return '';
  const lines = [...newest].map(([labels, value]) => `tillcast_${name}{${labels}} ${value}\n`);
  return `# HELP tillcast_${name} ${help}\n# TYPE tillcast_${name} gauge\n${lines.join('')}`;
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const seconds = (instant: Date | null) => (instant === null ? null : instant.getTime() / 1000);
const durationOf = ({ opened_at, finished_at }: Run) => ((finished_at?.getTime() ?? 0) - opened_at.getTime()) / 1000;

function failedInARow(runs: readonly Run[]): number {
  const ended = runs.filter((run) => run.finished_at !== null);
  const good = ended.findIndex((run) => run.status !== 'failed');
  return good < 0 ? ended.length : good;
}
