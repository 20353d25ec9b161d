import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express, { type Express, type RequestHandler } from 'express';
import { etlRunSchema } from '../lib/queue/jobData.ts';
import type { Queues } from '../lib/queue/queues.ts';
import { queuePolicy } from './queuePolicy.ts';

export const queueUiPath = '/queues';

/** bull-board with the three queues of a dataset, so that a run's flow shows as a tree, under tillcast's rules. */
export function queueUi(queues: Queues, dataset: string): Express {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(queueUiPath);
  const step =
    'A step of a run. Only etl-run starts runs; Retry of a failed job here is safe, whatever was done before.';
  createBullBoard({
    serverAdapter,
    queues: [
      new BullMQAdapter(queues.door, {
        description: 'The door: a job with {} starts a run now (⋮, Add job). The clock adds its own.',
        jobDataSchema: etlRunSchema,
      }),
      new BullMQAdapter(queues.produce, { description: step, externalJobUrl: toItsRun }),
      new BullMQAdapter(queues.consume, { description: step, externalJobUrl: toItsRun }),
    ],
    options: {
      handlerHooks: { before: queuePolicy },
      uiConfig: {
        boardTitle: `tillcast · ${dataset}`,
        boardLogo: { path: '/public/icon.svg', width: 24, height: 24 },
        favIcon: { default: '/public/icon.svg', alternative: '/public/icon.svg' },
        miscLinks: [
          { text: 'Runs and files', url: '/runs' },
          { text: 'Dashboard', url: '/' },
        ],
        hideDocsLink: true,
        queueSortOptions: [],
        showMetrics: false,
      },
    },
  });
  const board = serverAdapter.getRouter() as Express;
  board.disable('x-powered-by');
  const ui = express();
  ui.disable('x-powered-by');
  ui.use(withoutForeignStyles, board);
  return ui;
}

/** From a job to the page of its run, which PostgreSQL keeps longer than the queue keeps the job. */
function toItsRun({ data }: { data?: unknown }) {
  const { run_id: runId } = (data ?? {}) as { run_id?: unknown };
  return { displayText: 'Run', href: typeof runId === 'string' ? `/runs/${encodeURIComponent(runId)}` : '/runs' };
}

/** bull-board's page asks Google for fonts: no request of ours may leave this server, and it looks well without. */
const withoutForeignStyles: RequestHandler = (_request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body: unknown) =>
    send(
      typeof body === 'string' && /^<!doctype html/i.test(body)
        ? body.replace(/<link\b[^>]*\bhref="https?:\/\/[^>]*>\s*/gi, '')
        : body,
    );
  next();
};
