import { readSettings, type Settings } from '../config/settings.ts';
import { dropTopics } from '../lib/kafka/topics.ts';
import { dropMirror, openMirror } from '../lib/mongo/mirror.ts';
import { openRunRow } from '../lib/postgres/ledger.ts';
import { dropDataset } from '../lib/postgres/migrate.ts';
import { queuePrefix, redisConnection } from '../lib/queue/connection.ts';
import { dropQueues, openQueues } from '../lib/queue/queues.ts';
import { runCommand, say } from './command.ts';
import type { Pipeline } from './pipeline.ts';
import { withPipeline } from './withServices.ts';

const help = `
npm run reset -- --dataset NAME --yes

Forgets one dataset: its PostgreSQL schema, MongoDB database, Kafka topic and queues. The exports and the CSVs stay.
`;

await runCommand({
  help,
  flags: { dataset: { type: 'string' }, yes: { type: 'boolean' } },
  async run(flags, signal) {
    if (flags.dataset === undefined || flags.yes !== true) {
      process.stderr.write(`Name the dataset and say --yes: what tillcast counted of it is forgotten.\n${help}`);
      return 2;
    }
    const settings = readSettings({ DATASET: flags.dataset });
    const known = { dataset: 'known' } as const;
    const work = (pipeline: Pipeline) => forget(pipeline, settings);
    await withPipeline(settings, undefined, say, signal, work, known);
    process.stdout.write(`dataset ${flags.dataset} is forgotten; its exports and CSVs stay\n`);
    return 0;
  },
});

async function forget(pipeline: Pipeline, settings: Settings): Promise<void> {
  const open = await openRunRow(pipeline.db);
  if (open !== undefined) say(`run ${open.run_id} was under way: it ends with the dataset`);
  const queues = openQueues(redisConnection(pipeline.urls.redisUrl), queuePrefix(settings.dataset));
  try {
    await dropQueues(queues);
  } finally {
    await queues.close();
  }
  await dropTopics(pipeline.kafka, settings.dataset);
  const mirror = await openMirror(pipeline.urls.mongodbUrl, settings.dataset);
  try {
    await dropMirror(mirror);
  } finally {
    await mirror.close();
  }
  await dropDataset(pipeline.db);
}
