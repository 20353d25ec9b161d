import { join } from 'node:path';
import { TillcastError } from '../lib/core/errors.ts';
import { allDocuments, openMirror } from '../lib/mongo/mirror.ts';
import { readRunInfo } from '../lib/output/outputFolder.ts';
import { holderLost } from '../lib/postgres/abandoned.ts';
import { openRunRow } from '../lib/postgres/ledger.ts';
import { eachPair, storedCounts, uncountedEvents, untiledOffsets } from '../lib/postgres/recount.ts';
import type { Pipeline } from './pipeline.ts';
import { byPair, checkOthers, openEventFiles } from './verifyFiles.ts';
import { maintainedDifferences, pairName, recountPair, unlike } from './verifyPair.ts';

/** What `verify` prints last. `differences` counts all, the first are listed. */
export type VerifyResult = Readonly<{
  ok: boolean;
  run_id: string;
  pairs: number;
  events: number;
  offsets: number;
  combined_rows: number;
  differences: number;
  /** PostgreSQL's own figures do not follow from its events: `--repair` derives them again. */
  postgres_differs: boolean;
  listed: readonly string[];
}>;

const maxListed = 50;

/**
 * Recounts every pair from its events with the pure core and holds it against PostgreSQL's maintained figures, the
 * documents in MongoDB and the CSVs; checks that the runs' offsets tile. Changes nothing.
 * @throws TillcastError ETL_RUN_OPEN while a run is under way, ETL_OUTPUT_OWNER for the files of another dataset
 */
export async function verify(pipeline: Pipeline, say: (line: string) => void): Promise<VerifyResult> {
  const open = await openRunRow(pipeline.db);
  if (open !== undefined) {
    const sentence = (await holderLost(pipeline.db))
      ? `run ${open.run_id} was left open by a process that is gone: npm run once goes on with it, so does npm start`
      : `run ${open.run_id} is under way: verify when it is done`;
    throw new TillcastError('ETL_RUN_OPEN', sentence, { retryable: true });
  }
  const { outputDir, dataset } = pipeline.settings;
  const info = await readRunInfo(outputDir);
  if (info !== undefined && info.dataset !== dataset) {
    throw new TillcastError(
      'ETL_OUTPUT_OWNER',
      `${outputDir} holds the files of dataset ${info.dataset || 'nobody'}, not of ${dataset}: name the folder that ` +
        `${dataset} writes with --output DIR, or the dataset with --dataset NAME`,
    );
  }
  const listed: string[] = [];
  let differences = 0;
  const differ = (sentence: string) => {
    differences += 1;
    if (listed.length < maxListed) listed.push(sentence);
  };

  let postgresDiffers = false;
  const differInPostgres = (sentence: string) => {
    postgresDiffers = true;
    differ(sentence);
  };

  for (const problem of await untiledOffsets(pipeline.db)) differ(problem);
  for (const problem of await uncountedEvents(pipeline.db)) differInPostgres(problem);
  if (info === undefined) differ(`${outputDir} holds no run_info.csv: nothing was published there`);
  else if (info.state !== 'complete')
    differ(`run_info.csv says ${info.state}: the files may be of two runs; start a run`);

  const documents = await mirrored(pipeline);
  const deltas = await byPair(join(outputDir, 'delta_quantity.csv'), info?.run_id, differ);
  const currents = await byPair(join(outputDir, 'inventory_current.csv'), info?.run_id, differ);
  if (info !== undefined) await checkOthers(outputDir, info.run_id, differ);
  const eventFiles = await openEventFiles(pipeline);
  let combinedRows = 0;
  let checked = 0;

  await eachPair(pipeline.db, async (pair) => {
    const key = `${pair.storeId}|${pair.itemId}`;
    const name = pairName(pair);
    const recounted = recountPair(pair);
    const compare = (where: string, what: string, got: unknown, expected: unknown) => {
      const sentence = unlike(name, where, what, got, expected);
      if (sentence !== undefined) differ(sentence);
    };
    for (const sentence of maintainedDifferences(pair, recounted)) differInPostgres(sentence);
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
    postgres_differs: postgresDiffers,
    listed,
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
