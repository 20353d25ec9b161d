import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline } from '../../jobs/pipeline.ts';
import { openStations } from '../../jobs/stations.ts';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { claimInputFolder } from '../../lib/postgres/migrate.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { dropQueues, type Queues } from '../../lib/queue/queues.ts';
import type { ServiceInfo } from '../../local/services/types.ts';
import { openWeb } from '../../web/server.ts';
import { openTestDataset } from './dataset.ts';

/** A dataset of its own on real servers, with workers and the web server. */
export type WebFixture = Readonly<{
  url: string;
  pipeline: Pipeline;
  queues: Queues;
  inputDir: string;
  outputDir: string;
  runs(): Promise<Run[]>;
  /** The newest run once there are `count` runs and all of them ended. */
  finishedRun(count: number, patienceMs?: number): Promise<Run>;
  close(): Promise<void>;
}>;

/** Five event rows of one store, and the reference files. */
const exports: Readonly<Record<string, string>> = {
  'inventory_change_store001.csv': `trans_id,item_id,store_id,date_time,quantity,change_type_id
{1},101,1,11/2/2026 9:15,-2,1
{2},102,1,11/2/2026 10:40,-1,1
{3},101,1,11/3/2026 11:05,12,3
`,
  'inventory_snapshot_store001.csv': `item_id,employee_id,store_id,date_time,quantity
101,7,1,11/1/2026 8:00,40
102,7,1,11/1/2026 8:00,15
`,
  'inventory_change_type.csv': 'change_type_id,change_type\n1,sale\n2,shrink\n3,restock\n4,bopis\n',
  'item.csv': 'item_id,name,supplier_id,safety_stock_quantity\n101,Kettle,9,10\n102,"Mug <b>""blue""</b>",9,20\n',
  'store.csv': 'store_id,name\n0,online\n1,Store 1\n',
};

const runPatienceMs = 30_000;

/** Opens it all; `env` adds to the settings. */
export async function openWebFixture(env: Record<string, string> = {}, next: Date | null = null): Promise<WebFixture> {
  const dataset = await openTestDataset({ PORT: '0', ...env });
  const { pipeline, inputDir, outputDir, name } = dataset;
  for (const [file, text] of Object.entries(exports)) dataset.write(file, text);
  await claimInputFolder(pipeline.db, name, inputDir);
  const { queues, close: closeStations } = await openStations(pipeline, queuePrefix(name), () => undefined);
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = pipeline.urls;
  const services: ServiceInfo[] = [
    { name: 'kafka', url: kafkaBrokers, origin: 'configured', server: 'Apache Kafka 4.1.0' },
    { name: 'postgres', url: postgresUrl, origin: 'native', server: 'PostgreSQL 17.2' },
    { name: 'mongodb', url: mongodbUrl, origin: 'running', server: 'FerretDB 1.18.0 (SQLite)' },
    { name: 'redis', url: redisUrl, origin: 'docker', server: 'Redis 7.0.15' },
  ];
  const web = await openWeb({ pipeline, queues, services, nextSlot: () => next });
  const runs = () => newestRuns(pipeline.db, 20);
  return {
    url: web.url,
    pipeline,
    queues,
    inputDir,
    outputDir,
    runs,
    async finishedRun(count, patienceMs = runPatienceMs) {
      const end = Date.now() + patienceMs;
      for (;;) {
        const all = await runs();
        const [newest] = all;
        if (newest !== undefined && all.length >= count && all.every((run) => run.finished_at !== null)) {
          // A run by hand is named by its second: the next one of this test must fall into another.
          await sleep(Math.max(0, newest.opened_at.getTime() + 1_000 - Date.now()));
          return newest;
        }
        if (Date.now() > end) throw new Error(`no ${count} finished runs in time: ${JSON.stringify(all)}`);
        await sleep(50);
      }
    },
    async close() {
      await web.close();
      await dropQueues(queues);
      await closeStations();
      await dataset.close();
    },
  };
}
