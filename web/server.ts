import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Settings } from '../config/settings.ts';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { type Api, openApi } from './api/apiRouter.ts';
import { boardPages } from './dashboard/boardPages.ts';
import { headers, onlyOurNames, onlyOwnWrites, onlyWithPassword } from './guard.ts';
import { health } from './health.ts';
import { metrics } from './metrics.ts';
import { outputRouter } from './outputFiles.ts';
import { publicFiles } from './publicFiles.ts';
import { queueUi, queueUiPath } from './queueUi.ts';
import { asSentence, nothingHere } from './refuse.ts';
import { runActions } from './runs/runActions.ts';
import { run } from './runs/runHandler.ts';
import { runNow } from './runs/runNow.ts';
import { runs } from './runs/runsHandler.ts';
import { vendorFiles } from './vendorFiles.ts';
import type { WebInput } from './webInput.ts';

export type WebServer = Readonly<{ url: string; close(): Promise<void> }>;

/** Answers under way get so long when the server closes. */
const closePatienceMs = 500;

/**
 * Listens on settings.host:settings.port.
 * @throws TillcastError ETL_CONFIG where the port is taken or the address is not this machine's
 */
export async function openWeb(input: WebInput): Promise<WebServer> {
  const { settings } = input.pipeline;
  const api = openApi(input);
  const server = createServer(webApp(input, api));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(settings, error)));
    server.listen(settings.port, settings.host, resolve);
  }).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${reachableName(settings.host)}:${port}`,
    async close() {
      // Pages that listen for events would keep their connections for ever.
      api.endStreams();
      await new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), closePatienceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      });
      await api.close();
    },
  };
}

function webApp(input: WebInput, api: Api): Express {
  const { pipeline, queues } = input;
  const { settings } = pipeline;
  const app = express();
  app.disable('x-powered-by');
  app.use(headers, onlyOurNames(settings), onlyWithPassword(settings.webPassword), onlyOwnWrites);
  app.use(boardPages(settings.dataset));
  app.get('/runs', runs(input));
  app.get('/runs/:run_id', run(input));
  app.post('/run', runNow(queues));
  app.use(runActions(input));
  app.get('/health', health(pipeline.db, settings.dataset));
  app.get('/metrics', metrics(pipeline.db, settings.dataset));
  app.use('/public', publicFiles());
  app.use('/vendor', vendorFiles());
  app.use('/output', outputRouter(settings.outputDir));
  app.use('/api', api.router);
  app.use(queueUiPath, queueUi(queues, settings.dataset));
  app.use(nothingHere);
  app.use(asSentence);
  return app;
}

/** A name that a browser on this machine can open. */
function reachableName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function cannotListen({ host, port }: Settings, error: NodeJS.ErrnoException): TillcastError {
  const next = `set PORT=${port < 65535 ? port + 1 : 3000}, or PORT=0 for any free one`;
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken by another program (perhaps another tillcast): ${next}`,
    EACCES: `port ${port} needs rights that this user has not: ${next}`,
    EADDRNOTAVAIL: `HOST=${host} is no address of this machine: set HOST=127.0.0.1`,
    ENOTFOUND: `HOST=${host} is no name of this machine: set HOST=127.0.0.1`,
  };
  const sentence = sentences[error.code ?? ''] ?? `cannot listen on ${host}:${port}: ${messageOf(error)}`;
  return new TillcastError('ETL_CONFIG', sentence, { cause: error });
}
