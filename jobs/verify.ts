import { join } from 'node:path';
import { addDays, addMonths, monthOf } from '../lib/core/calendar.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { runningStock } from '../lib/core/runningStock.ts';
import { allDocuments, openMirror } from '../lib/mongo/mirror.ts';
import { csvRows } from '../lib/output/csvRows.ts';
import { archiveName, readRunInfo } from '../lib/output/outputFolder.ts';
import { dataClock, eventMonths } from '../lib/postgres/dataClock.ts';
import { openRunRow } from '../lib/postgres/ledger.ts';
import { eachPair, type PairRecord, storedCounts, untiledOffsets } from '../lib/postgres/recount.ts';
import type { Pipeline } from './pipeline.ts';

/** What `verify` prints last. `differences` counts all, the first are listed. */
export type VerifyResult = Readonly<{
  ok: boolean;
  run_id: string;
  pairs: number;
  events: number;
  offsets: number;
  combined_rows: number;
  differences: number;
  listed: readonly string[];
}>;

const maxListed = 50;

/**
 * Recounts every pair from its events with the pure core and holds it against PostgreSQL's maintained figures, the
 * documents in MongoDB and the CSVs; checks that the runs' offsets tile. Changes nothing.
 * @throws TillcastError ETL_RUN_OPEN while a run is under way
 */
export async function verify(pipeline: Pipeline, say: (line: string) => void): Promise<VerifyResult> {
  const open = await openRunRow(pipeline.db);
  if (open !== undefined) {
    throw new TillcastError('ETL_RUN_OPEN', `run ${open.run_id} is under way: verify when it is done`, {
      retryable: true,
    });
  }
  const { outputDir } = pipeline.settings;
  const listed: string[] = [];
  let differences = 0;
  const differ = (sentence: string) => {
    differences += 1;
    if (listed.length < maxListed) listed.push(sentence);
  };

  for (const problem of await untiledOffsets(pipeline.db)) differ(problem);
  const info = await readRunInfo(outputDir);
  if (info === undefined) differ(`${outputDir} holds no run_info.csv: nothing was published there`);
  else if (info.state !== 'complete')
    differ(`run_info.csv says ${info.state}: the files may be of two runs; start a run`);

  const documents = await mirrored(pipeline);
  const deltas = await byPair(join(outputDir, 'delta_quantity.csv'), info?.run_id, differ);
  const currents = await byPair(join(outputDir, 'inventory_current.csv'), info?.run_id, differ);
  const eventFiles = await openEventFiles(pipeline);
  let combinedRows = 0;
  let checked = 0;

  await eachPair(pipeline.db, async (pair) => {
    const key = `${pair.storeId}|${pair.itemId}`;
    const name = `store ${pair.storeId} item ${pair.itemId}`;
    const recounted = recount(pair);
    const compare = (where: string, what: string, got: unknown, expected: unknown) => {
      const text = (value: unknown) =>
        value === null || value === undefined || value === '' ? 'nothing' : String(value);
      if (text(got) !== text(expected))
        differ(`${name}: ${what} is ${text(got)} in ${where}, ${text(expected)} by its events`);
    };
    compare('PostgreSQL store_item', 'delta_quantity', pair.deltaQuantity, recounted.delta);
    compare('PostgreSQL store_item', 'final_quantity', pair.finalQuantity, recounted.final);
    compare('PostgreSQL store_item', 'snapshot_quantity', pair.snapshotQuantity, recounted.lastCount);
    compare('PostgreSQL store_item_day', 'the last closing_quantity', pair.closingQuantity, recounted.final);
    compare('PostgreSQL store_item_day', 'the sum of delta_quantity', pair.daysDelta, recounted.delta ?? 0);
    compare('PostgreSQL run_delta', 'the sum of delta_quantity', pair.runDelta, recounted.delta);
    const document = documents.get(key);
    if (document === undefined) differ(`${name}: not in MongoDB`);
    else {
      compare('MongoDB', 'delta_quantity', document.delta, recounted.delta);
      compare('MongoDB', 'final_quantity', document.final, recounted.final);
    }
    compare('delta_quantity.csv', 'delta_quantity', deltas.get(key)?.delta_quantity, recounted.delta);
    const current = currents.get(key);
    compare('inventory_current.csv', 'final_quantity', current?.final_quantity, recounted.final);
    compare('inventory_current.csv', 'delta_quantity', current?.delta_quantity, recounted.delta);
    for (const file of eventFiles) {
      const missing = new Set(
        pair.events.filter(({ dateTime }) => dateTime >= file.from && dateTime < file.to).map(({ eventId }) => eventId),
      );
      for (const row of await file.rows.take(pair.storeId, pair.itemId)) {
        if (file.name === 'combined.csv') combinedRows += 1;
        missing.delete(row.event_id ?? '');
        const event = recounted.byEvent.get(row.event_id ?? '');
        if (event === undefined) differ(`${name}: ${file.name} holds event ${row.event_id}, PostgreSQL does not`);
        else compare(`${file.name} at ${row.date_time}`, 'final_quantity', row.final_quantity, event.finalQuantity);
      }
      if (missing.size > 0) differ(`${name}: ${file.name} lacks ${missing.size} of its events`);
    }
    documents.delete(key);
    deltas.delete(key);
    currents.delete(key);
    checked += 1;
    if (checked % 20_000 === 0) say(`${checked.toLocaleString('en-US')} pairs checked`);
  });
  for (const key of documents.keys()) differ(`store and item ${key}: in MongoDB, not in PostgreSQL`);
  for (const key of currents.keys()) differ(`store and item ${key}: in inventory_current.csv, not in PostgreSQL`);
  for (const key of deltas.keys()) differ(`store and item ${key}: in delta_quantity.csv, not in PostgreSQL`);
  for (const file of eventFiles) {
    const row = await file.rows.rest();
    if (row !== undefined) differ(`${file.name} holds event ${row.event_id} of a pair that PostgreSQL does not`);
  }

  const counts = await storedCounts(pipeline.db);
  return {
    ok: differences === 0,
    run_id: info?.run_id ?? '',
    pairs: Number(counts.pairs),
    events: Number(counts.events),
    offsets: Number(counts.offsets),
    combined_rows: combinedRows,
    differences,
    listed,
  };
}

type EventFile = Readonly<{ name: string; from: string; to: string; rows: ReturnType<typeof pairReader> }>;

/** combined.csv (the newest COMBINED_DAYS dates and the whole open month) and the archived months, with their spans. */
async function openEventFiles(pipeline: Pipeline): Promise<EventFile[]> {
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

function recount(pair: PairRecord) {
  const stock = runningStock(pair.events);
  const changes = pair.events.filter((event) => event.kind === 'change');
  const counts = stock.filter(({ event }) => event.kind === 'count');
  return {
    delta: changes.length === 0 ? null : changes.reduce((sum, event) => sum + event.quantity, 0),
    final: stock.at(-1)?.finalQuantity ?? null,
    lastCount: counts.at(-1)?.event.quantity ?? null,
    byEvent: new Map(stock.map((after) => [after.event.eventId, after])),
  };
}

async function mirrored(pipeline: Pipeline): Promise<Map<string, { delta: unknown; final: unknown }>> {
  const documents = new Map<string, { delta: unknown; final: unknown }>();
  const mirror = await openMirror(pipeline.urls.mongodbUrl, pipeline.settings.dataset);
  try {
    for await (const document of allDocuments(mirror, 'store_item')) {
      documents.set(document._id, { delta: document.delta_quantity, final: document.final_quantity });
    }
  } finally {
    await mirror.close();
  }
  return documents;
}

type CsvRow = Readonly<Record<string, string>>;

async function byPair(
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
