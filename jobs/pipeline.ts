import { randomUUID } from 'node:crypto';

import type { Settings } from '../config/settings.ts';
import { eventTopic, type KafkaClient, kafkaClient } from '../lib/kafka/client.ts';
import { datasetTopic } from '../lib/postgres/datasetTopic.ts';
import { migrate, requireDataset } from '../lib/postgres/migrate.ts';
import { type Database, openDatabase } from '../lib/postgres/pool.ts';

/** Addresses of the four services, wherever they came from. */
export type ServiceUrls = Readonly<{
  kafkaBrokers: string;
  postgresUrl: string;
  mongodbUrl: string;
  redisUrl: string;
}>;

/** Everything a job works with. `holder` names this process in the ledger and in PostgreSQL's list of connections. */
export type Pipeline = Readonly<{
  settings: Settings;
  urls: ServiceUrls;
  db: Database;
  kafka: KafkaClient;
  /** Where the dataset's rows go through now: a replay may have given it another topic. */
  topic(): Promise<string>;
  inputDir: string;
  holder: string;
  /** Aborts when this process is told to stop: steps end at their next safe point, the next start goes on from there. */
  stopping?: AbortSignal;
  close(): Promise<void>;
}>;

/** What a job tells while it works: a line for the log, and how far it is (0 to 100). */
export type Report = (line: string, percent?: number) => void;

/** `known`: the dataset must be there already, nothing is made. */
export type OpenOptions = Readonly<{ dataset: 'made' | 'known' }>;

/**
 * Connects to PostgreSQL, makes the dataset's schema, and names this process.
 * @throws TillcastError ETL_PG, ETL_INPUT for a dataset that must be known and is not
 */
export async function openPipeline(
  settings: Settings,
  urls: ServiceUrls,
  inputDir: string,
  options: OpenOptions = { dataset: 'made' },
): Promise<Pipeline> {
  const holder = `tillcast:${process.pid}:${randomUUID().slice(0, 8)}`;
  const db = openDatabase(urls.postgresUrl, settings.dataset, holder);
  try {
    if (options.dataset === 'known') await requireDataset(db, settings.dataset);
    await migrate(db, settings.dataset);
  } catch (error) {
    await db.close();
    throw error;
  }
  return {
    settings,
    urls,
    db,
    kafka: kafkaClient(urls.kafkaBrokers, holder),
    topic: async () => (await datasetTopic(db)) ?? eventTopic(settings.dataset),
    inputDir,
    holder,
    close: () => db.close(),
  };
}
