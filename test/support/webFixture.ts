import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSettings } from '../../config/settings.ts';
import { openPipeline, type Pipeline } from '../../jobs/pipeline.ts';
import { openStations } from '../../jobs/stations.ts';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { claimInputFolder } from '../../lib/postgres/migrate.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { dropQueues, type Queues } from '../../lib/queue/queues.ts';
import { openWeb } from '../../web/server.ts';
import { testServices } from './webServicesShim.ts';

/** A dataset of its own on real servers, with workers and the web server. */
export type WebFixture = Readonly<{
  url: string;
  pipeline: Pipeline;
  queues: Queues;
  inputDir: string;
  outputDir: string;
  runs(): Promise<Run[]>;
  /** The newest run once there are `count` runs and all of them ended. */
  finishedRun(count: number): Promise<Run>;
  close(): Promise<void>;
}>;

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

type FixtureOptions = Readonly<{ env?: Readonly<Record<string, string>>; nextSlot?: Date | null }>;

/** Opens it all; `env` adds to the settings. */
export async function openWebFixture({ env = {}, nextSlot = null }: FixtureOptions = {}): Promise<WebFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-web-'));
  const dataset = `t_${randomUUID().slice(0, 8)}`;
  const inputDir = await mkdtemp(join(folder, 'input-'));
  const outputDir = join(folder, 'output');
  for (const [name, text] of Object.entries(exports)) await writeFile(join(inputDir, name), text);
  const settings = parseSettings({
    DATASET: dataset,
    INPUT_DIR: inputDir,
    OUTPUT_DIR: outputDir,
    PORT: '0',
    SETTLE_SECONDS: '0',
    PARTITIONS: '2',
    ...env,
  });
  const { services, ...urls } = await testServices();
  const pipeline = await openPipeline(settings, urls, inputDir);
  await claimInputFolder(pipeline.db, dataset, inputDir);
  const stations = await openStations(pipeline, queuePrefix(dataset), () => undefined);
  const web = await openWeb({ pipeline, queues: stations.queues, services, nextSlot: () => nextSlot });
  const runs = () => newestRuns(pipeline.db, 20);
  return {
    url: web.url,
    pipeline,
    queues: stations.queues,
    inputDir,
    outputDir,
    runs,
    async finishedRun(count) {
      const end = Date.now() + 60_000;
      for (;;) {
        const all = await runs();
        const [newest] = all;
        if (newest !== undefined && all.length >= count && all.every((run) => run.finished_at !== null)) return newest;
        if (Date.now() > end) throw new Error(`no ${count} finished runs within 60 s: ${JSON.stringify(all)}`);
        await sleep(50);
      }
    },
    async close() {
      await web.close();
      await dropQueues(stations.queues);
      await stations.close();
      await pipeline.db.pool.query(`DROP SCHEMA ${pipeline.db.schema} CASCADE`);
      await pipeline.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
