import pg from 'pg';
import { TillcastError } from '../core/errors.ts';
import { type Database, inTransaction, query, schemaOf } from './pool.ts';
import { dropReplaySchemas } from './replaySchema.ts';
import { sqlFile, sqlFiles } from './sqlFile.ts';

/** Any number, the same for all: one migration at a time in a server. */
const migrationLock = 7_416_150_923;

/**
 * Makes the dataset's schema and brings it to the newest version: each numbered file of `schema/` once, in order.
 * Safe to call from several processes at once.
 */
export async function migrate(db: Database, dataset: string): Promise<void> {
  const schema = pg.escapeIdentifier(db.schema);
  await inTransaction(db, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_version (file text PRIMARY KEY, at timestamptz DEFAULT now())',
    );
    const done = new Set((await query<{ file: string }>(client, 'SELECT file FROM schema_version')).map((r) => r.file));
    for (const file of sqlFiles('schema')) {
      if (done.has(file)) continue;
      await client.query(sqlFile(file));
      await client.query('INSERT INTO schema_version (file) VALUES ($1)', [file]);
    }
    // Looked for first: ON CONFLICT alone would wait for a run that has the row in its open transaction.
    await client.query('INSERT INTO dataset (name) SELECT $1::text WHERE NOT EXISTS (SELECT FROM dataset)', [dataset]);
  });
}

/**
 * Makes sure that the dataset is there, for commands that must not make one by a mistyped name.
 * @throws TillcastError ETL_INPUT with the datasets that are known
 */
export async function requireDataset(db: Database, dataset: string): Promise<void> {
  const schemas = await query<{ name: string }>(
    db,
    `SELECT n.nspname::text AS name FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
     WHERE starts_with(n.nspname::text, $1) AND c.relname = 'schema_version' ORDER BY 1`,
    [schemaOf('')],
  );
  if (schemas.some(({ name }) => name === db.schema)) return;
  const known = schemas.map(({ name }) => name.slice(schemaOf('').length)).join(', ');
  throw new TillcastError(
    'ETL_INPUT',
    `dataset ${dataset} is not known here; known: ${known === '' ? 'none yet' : known} (--dataset NAME or DATASET)`,
  );
}

/** Forgets a dataset's schema with everything in it. */
export async function dropDataset(db: Database): Promise<void> {
  await dropReplaySchemas(db);
  await query(db, `DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(db.schema)} CASCADE`);
}

/** The folder that the dataset reads, once it has read one. */
export async function rememberedInputFolder(db: Database): Promise<string | undefined> {
  const [known] = await query<{ input_dir: string | null }>(db, 'SELECT input_dir FROM dataset');
  return known?.input_dir ?? undefined;
}

/**
 * Binds the dataset to its input folder at the first run; another folder under a known name is refused.
 * @throws TillcastError ETL_INPUT
 */
export async function claimInputFolder(db: Database, dataset: string, inputDir: string): Promise<void> {
  await query(db, 'UPDATE dataset SET input_dir = $1 WHERE input_dir IS NULL', [inputDir]);
  const known = await rememberedInputFolder(db);
  if (known !== undefined && known !== inputDir) {
    throw new TillcastError(
      'ETL_INPUT',
      `dataset ${dataset} reads ${known}, not ${inputDir}: give the other folder a name of its own ` +
        `(--dataset NAME), or forget the old one first (npm run reset -- --dataset ${dataset} --yes)`,
    );
  }
}
