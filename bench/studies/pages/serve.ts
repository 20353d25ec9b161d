import { readSettings } from '../../../config/settings.ts';
import { openPipeline } from '../../../jobs/pipeline.ts';
import { queuePrefix, redisConnection } from '../../../lib/queue/connection.ts';
import { openQueues } from '../../../lib/queue/queues.ts';
import { openWeb } from '../../../web/server.ts';

/** The web server alone, as `npm start` opens it, in a process that can be measured. Says its address; ends with its input. */
const settings = readSettings();
const { kafkaBrokers = '', postgresUrl = '', mongodbUrl = '', redisUrl = '', inputDir = '' } = settings;
const pipeline = await openPipeline(settings, { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl }, inputDir);
const queues = openQueues(redisConnection(redisUrl), queuePrefix(settings.dataset));
const web = await openWeb({ pipeline, queues, services: [], nextSlot: () => null });
process.stdout.write(`${web.url}\n`);
for await (const _ of process.stdin);
await web.close();
await queues.close();
await pipeline.close();
