import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addDays, addMonths, monthOf } from '../lib/core/calendar.ts';
import { csvRows } from '../lib/output/csvRows.ts';
import { archiveName } from '../lib/output/outputFolder.ts';
import { dataClock, eventMonths } from '../lib/postgres/dataClock.ts';
import { outputNames } from '../lib/postgres/publication.ts';
import type { Pipeline } from './pipeline.ts';

/** A file of events with the local times it must hold, `from <= time < to`. */
type EventFile = Readonly<{ name: string; from: string; to: string; rows: ReturnType<typeof pairReader> }>;

/** combined.csv (the newest COMBINED_DAYS dates and the whole open month) and the archived months, with their spans. */
export async function openEventFiles(pipeline: Pipeline): Promise<EventFile[]> {
  const { combinedDays, outputDir } = pipeline.settings;
  const { asOfDate } = await dataClock(pipeline.db);
  if (asOfDate === null) return [];
  const window = combinedDays === 0 ? '' : addDays(asOfDate, 1 - combinedDays);
  const file = (name: string, from: string, to: string) => ({
    name,
    from,
    to,
    rows: pairReader(join(outputDir, name)),
  });
  const closed = (await eventMonths(pipeline.db)).filter((month) => month < monthOf(asOfDate));
  return [
    file('combined.csv', [window, monthOf(asOfDate)].sort()[0] ?? '', '9999'),
    ...closed.map((month) => file(`archive/${archiveName(month)}`, month, addMonths(month, 1))),
  ];
}

type CsvRow = Readonly<Record<string, string>>;

/** Rows of a file by `store|item`; says it where the file is of another run. */
export async function byPair(
  path: string,
  runId: string | undefined,
  differ: (sentence: string) => void,
): Promise<Map<string, CsvRow>> {
  const rows = new Map<string, CsvRow>();
  for await (const row of csvRows(path)) {
    if (rows.size === 0 && row.run_id !== runId) differ(`${path} is of run ${row.run_id}, run_info.csv names ${runId}`);
    rows.set(`${row.store_id}|${row.item_id}`, row);
  }
  return rows;
}

/** Says it where another file than those read whole is missing or of another run. */
export async function checkOthers(
  outputDir: string,
  runId: string | undefined,
  differ: (sentence: string) => void,
): Promise<void> {
  for (const name of outputNames) {
    if (name === 'delta_quantity' || name === 'inventory_current') continue;
    const path = join(outputDir, `${name}.csv`);
    if (!existsSync(path)) differ(`${path} is missing`);
    for await (const row of csvRows(path)) {
      if (row.run_id !== runId) differ(`${path} is of run ${row.run_id}, run_info.csv names ${runId}`);
      break;
    }
  }
}

/** Rows of combined.csv pair by pair: both sides stand in key order, so neither is held in memory. */
function pairReader(path: string) {
  const rows = csvRows(path);
  let waiting: CsvRow | undefined;
  const next = async () => {
    const { value, done } = await rows.next();
    waiting = done === true ? undefined : value;
  };
  let begun = false;
  return {
    async take(storeId: number, itemId: number): Promise<CsvRow[]> {
      if (!begun) await next();
      begun = true;
      const taken: CsvRow[] = [];
      while (waiting !== undefined && Number(waiting.store_id) === storeId && Number(waiting.item_id) === itemId) {
        taken.push(waiting);
        await next();
      }
      return taken;
    },
    /** The first row that no pair took. */
    async rest(): Promise<CsvRow | undefined> {
      if (!begun) await next();
      return waiting;
    },
  };
}
