import { type Collection, type Db, Long, MongoClient } from 'mongodb';
import { messageOf, TillcastError } from '../core/errors.ts';

type StringKeyed = { _id: string } & Record<string, unknown>;

/** A connection to one dataset's database. */
export type Mirror = Readonly<{ db: Db; close(): Promise<void> }>;

export function mongoDatabaseOf(dataset: string): string {
  return `tillcast_${dataset}`;
}

/** Updates a bulk; FerretDB slows down beyond some hundred (notes, services.md). */
const updatesPerBulk = 100;
const insertsPerBulk = 2_000;
/** So many bulks of updates are under way at once: while one waits for the disk, the next is decoded. */
const lanes = 4;
const duplicateKey = 11000;

/** @throws TillcastError ETL_MONGO_WRITE, retryable */
export async function openMirror(url: string, dataset: string): Promise<Mirror> {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    socketTimeoutMS: 60_000,
    retryWrites: false,
    maxPoolSize: lanes,
  });
  try {
    await client.connect();
    return { db: client.db(mongoDatabaseOf(dataset)), close: () => client.close() };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw asMongoError('connecting', error);
  }
}

/** Whole numbers of 64 bits keep their kind; names stay those of the CSVs. */
export type MirrorDocument = Readonly<Record<string, number | bigint | string | Date | null>>;

/**
 * Writes documents by `_id`. Those known to be there are updated, the others inserted, which is ten times faster on
 * FerretDB than upserting all; an insert that finds the document there (a repeat after a crash) becomes an upsert.
 */
export async function setDocuments(
  mirror: Mirror,
  collection: 'store_item' | 'run_delta' | 'run',
  documents: readonly { id: string; known: boolean; values: MirrorDocument }[],
): Promise<void> {
  const target = mirror.db.collection<StringKeyed>(collection);
  const fresh = documents.filter((document) => !document.known);
  const known = documents.filter((document) => document.known);
  try {
    for (const block of blocks(fresh, insertsPerBulk)) await insertBlock(target, block);
    await inLanes(blocks(known, updatesPerBulk), (block) => upsertBlock(target, block));
  } catch (error) {
    throw asMongoError(`writing ${collection}`, error);
  }
}

/** Deletes documents by `_id`; those that are not there are no matter. */
export async function deleteDocuments(
  mirror: Mirror,
  collection: 'store_item' | 'run_delta' | 'run',
  ids: readonly string[],
): Promise<void> {
  const target = mirror.db.collection<StringKeyed>(collection);
  try {
    for (const block of blocks(ids, updatesPerBulk)) {
      await target.bulkWrite(
        block.map((id) => ({ deleteOne: { filter: { _id: id } } })),
        { ordered: false },
      );
    }
  } catch (error) {
    throw asMongoError(`deleting from ${collection}`, error);
  }
}

async function insertBlock(
  target: Collection<StringKeyed>,
  block: readonly { id: string; values: MirrorDocument }[],
): Promise<void> {
  try {
    await target.insertMany(
      block.map(({ id, values }) => ({ _id: id, ...stored(values) })),
      { ordered: false },
    );
  } catch (error) {
    if ((error as { code?: unknown }).code !== duplicateKey) throw error;
    for (const part of blocks(block, updatesPerBulk)) await upsertBlock(target, part);
  }
}

async function upsertBlock(
  target: Collection<StringKeyed>,
  block: readonly { id: string; values: MirrorDocument }[],
): Promise<void> {
  await target.bulkWrite(
    block.map(({ id, values }) => ({
      updateOne: { filter: { _id: id }, update: { $set: stored(values) }, upsert: true },
    })),
    { ordered: false },
  );
}

/** All documents of a collection, streamed. @throws TillcastError ETL_MONGO_WRITE */
export async function* allDocuments(mirror: Mirror, collection: 'store_item' | 'run_delta' | 'run') {
  try {
    for await (const document of mirror.db.collection<StringKeyed>(collection).find({}, { batchSize: 5_000 })) {
      yield document;
    }
  } catch (error) {
    throw asMongoError(`reading ${collection}`, error);
  }
}

/** Forgets the dataset's documents. */
export async function dropMirror(mirror: Mirror): Promise<void> {
  try {
    await mirror.db.dropDatabase();
  } catch (error) {
    throw asMongoError('dropping the database', error);
  }
}

function stored(values: MirrorDocument): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'bigint' ? Long.fromBigInt(value) : value]),
  );
}

/** All blocks, some at once. After an error no further one is begun, and it is thrown when none is under way. */
async function inLanes<T>(all: Iterable<T>, write: (block: T) => Promise<void>): Promise<void> {
  const waiting = all[Symbol.iterator]();
  let failed = false;
  const lane = async () => {
    for (let next = waiting.next(); !failed && next.done !== true; next = waiting.next()) {
      await write(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function* blocks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

function asMongoError(doing: string, error: unknown): TillcastError {
  return new TillcastError('ETL_MONGO_WRITE', `MongoDB, ${doing}: ${messageOf(error)}; a later run catches up`, {
    retryable: true,
    cause: error,
  });
}
