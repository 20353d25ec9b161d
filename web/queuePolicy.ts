import type { createBullBoard } from '@bull-board/api';
import { messageOf } from '../lib/core/errors.ts';
import { parseEtlRunData } from '../lib/queue/jobData.ts';
import { queueNames } from '../lib/queue/queues.ts';
import { sentence } from './words.ts';

type Hooks = NonNullable<NonNullable<NonNullable<Parameters<typeof createBullBoard>[0]['options']>['handlerHooks']>>;
type Hook = NonNullable<Hooks['before']>;
type Context = Parameters<Hook>[0];
type Refusal = NonNullable<Awaited<ReturnType<Hook>>>;
type Rule = (context: Context) => string | undefined;

/** Sentences for what would leave the door's rules or another job's state behind. */
const byTheDoor =
  'only the etl-run queue starts a run: add a job with {} there; here Retry of a failed job is all that is needed, and it is safe';
const byTheClock = 'the clock of tillcast is not kept here: SCHEDULE sets it, and an etl-run job with {} runs now';
const byTheLedger = 'one run at a time is kept by PostgreSQL; there is nothing to set here';
const byItsRun = "a job's data belongs to its run: add a new etl-run job with {} instead";

const anywhere: Rule = () => undefined;
const nowhere =
  (why: string): Rule =>
  () =>
    why;
const atTheDoor: Rule = ({ request }) => (request.params.queueName === queueNames.door ? undefined : byTheDoor);

/** Every write the queue UI knows. One that a later version adds is refused until it stands here. */
const rules: Readonly<Record<string, Rule>> = {
  'post /api/queues/:queueName/add': addJob,
  'put /api/queues/:queueName/:jobId/retry': anywhere,
  'put /api/queues/:queueName/retry/:queueStatus': ({ request }) =>
    request.params.queueStatus === 'failed' ? undefined : 'only failed jobs are retried together',
  'put /api/queues/pause': anywhere,
  'put /api/queues/resume': anywhere,
  'put /api/queues/:queueName/pause': anywhere,
  'put /api/queues/:queueName/resume': anywhere,
  'put /api/queues/:queueName/rate-limit/release': anywhere,
  'put /api/queues/:queueName/promote': atTheDoor,
  'put /api/queues/:queueName/:jobId/promote': atTheDoor,
  'put /api/queues/:queueName/clean/:queueStatus': atTheDoor,
  'put /api/queues/:queueName/:jobId/clean': atTheDoor,
  'put /api/queues/:queueName/empty': atTheDoor,
  'put /api/queues/:queueName/obliterate': nowhere(
    'a queue is not destroyed from here: npm run reset -- --dataset NAME --yes forgets a dataset',
  ),
  'put /api/queues/:queueName/:jobId/remove-unprocessed-children': nowhere(byTheDoor),
  'put /api/queues/:queueName/concurrency': nowhere(byTheLedger),
  'put /api/queues/:queueName/rate-limit': nowhere(byTheLedger),
  'patch /api/queues/:queueName/:jobId/update-data': nowhere(byItsRun),
  'patch /api/queues/:queueName/:jobId/delay': nowhere(byTheClock),
  'patch /api/queues/:queueName/:jobId/priority': nowhere(byTheLedger),
  'put /api/queues/:queueName/job-schedulers/:schedulerId/remove': anywhere,
  'patch /api/queues/:queueName/job-schedulers/:schedulerId': nowhere(byTheClock),
  'put /api/queues/:queueName/job-schedulers/:schedulerId/run': nowhere(byTheClock),
};

/** bull-board's point for rules: a refusal is a sentence that its page shows. */
export const queuePolicy: Hook = (context) => {
  if (context.method === 'get') return;
  const rule = rules[`${context.method} ${context.route}`];
  const why = rule === undefined ? 'tillcast has no rule for this action, so it is refused' : rule(context);
  if (why === undefined) return;
  // 422 goes to the browser as it is; bull-board's type lists only the codes it answers with itself.
  return { allow: false, status: 422 as never, message: sentence(why) } satisfies Refusal;
};

/** What the form and Duplicate send along unasked: the queue's own defaults and the first job's traces. */
const leftToTheQueue = new Set([
  'jobId',
  'attempts',
  'backoff',
  'removeOnComplete',
  'removeOnFail',
  'keepLogs',
  'timestamp',
  'stackTraceLimit',
]);
const noEffect = (value: unknown) => value === 0 || value === false || value === null || value === undefined;

/** A person's job is `{}` under an id of its own. What is left out is the queue's; anything else gets a sentence. */
function addJob(context: Context): string | undefined {
  const elsewhere = atTheDoor(context);
  if (elsewhere !== undefined) return elsewhere;
  const body: unknown = context.request.body;
  if (!isObject(body)) return 'a job is added with {} as its data';
  try {
    parseEtlRunData(body.data);
  } catch (error) {
    return messageOf(error);
  }
  if (Object.keys(body.data as object).length > 0) {
    return 'slot and trigger are what the clock writes; a person adds a job with {}, and everything new is brought in';
  }
  const options = body.options ?? {};
  if (!isObject(options)) return 'job options are an object; {} will do';
  const asked = Object.keys(options).filter((key) => !leftToTheQueue.has(key) && !noEffect(options[key]));
  if (asked.length > 0) return `a run starts at once and once: leave out ${asked.join(', ')} in the job options`;
  // A copied jobId would be taken for the old job and silently do nothing (queue.md, 1.3).
  context.request.body = { name: 'run', data: {}, options: {} };
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
