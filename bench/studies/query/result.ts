import type { Amount, Data } from './data.ts';
import type { Layout, Size, Source } from './layouts.ts';
import type { MongoResult } from './mongo.ts';
import type { Question } from './questions.ts';
import type { Reading } from './reading.ts';

/** `writeMs`: the server's time for `amount.more` further events; null where they cannot be upserted. */
export type MeasuredLayout = Layout & Size & Readonly<{ readings: readonly Reading[]; writeMs: number | null }>;

/** All of query.json. */
export type QueryResult = Readonly<{
  quick: boolean;
  /** The highest load average of a minute meanwhile, of the whole machine. */
  load: number;
  cores: number;
  amount: Amount;
  data: Data;
  postgres: string;
  layouts: readonly MeasuredLayout[];
  mongo: MongoResult;
}>;

export function readingOf(layout: MeasuredLayout, question: Question, workers: 0 | 2): Reading {
  const reading = layout.readings.find((r) => r.question === question && r.workers === workers);
  if (reading === undefined) throw new Error(`${layout.name}: ${question} was not measured`);
  return reading;
}

/** Median time of a question, or the faster of both where the workers do not matter. */
export function msOf(layout: MeasuredLayout, question: Question, workers?: 0 | 2): number {
  const asked = workers === undefined ? ([0, 2] as const) : [workers];
  return Math.min(...asked.map((each) => readingOf(layout, question, each).medianMs));
}

/** The layout that has no index at all. */
export function withoutIndex(result: QueryResult, source: Source): MeasuredLayout {
  return found(result.layouts.find((layout) => layout.source === source));
}

/** What tillcast itself keeps of a source. */
export function ownLayout(result: QueryResult, source: Source): MeasuredLayout {
  return found(result.layouts.find((layout) => layout.source === source && layout.own));
}

function found(layout: MeasuredLayout | undefined): MeasuredLayout {
  if (layout === undefined) throw new Error('a layout was not measured');
  return layout;
}
