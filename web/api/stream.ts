import type { RequestHandler, Response } from 'express';
import { openRunRow } from '../../lib/postgres/ledger.ts';
import type { Database } from '../../lib/postgres/pool.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { type ApiInput, runName } from './answer.ts';

const lookEveryMs = 1_000;
const heartbeatMs = 20_000;
const unreadBytes = 64 * 1024;

/** Server-sent events to all who listen, from one look at the ledger a second, and none while nobody listens. */
export type Stream = Readonly<{ handler: RequestHandler; close(): void }>;

/** Events: `published` with the run that is shown now, `run` with the run under way (or null) at each change of it. */
export function openStream({ views, settings }: ApiInput, db: Database): Stream {
  const listeners = new Set<Response>();
  let told = '';
  let looking = false;
  let timer: NodeJS.Timeout | undefined;
  const send = (text: string) => {
    for (const response of listeners) {
      response.write(text);
      // It has not taken up anything for long: its browser comes again by itself.
      if (response.writableLength > unreadBytes) response.destroy();
    }
  };
  const stopHearing = views.onChange((view) => send(event('published', runName(view, settings))));
  const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs);
  heartbeat.unref();

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const now = await underWay(db);
      if (now === told) return;
      told = now;
      send(now);
    } catch {
      // PostgreSQL is away: the pages say so by themselves.
    } finally {
      looking = false;
    }
  }

  return {
    handler(_request, response) {
      response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Connection: 'keep-alive' });
      response.flushHeaders();
      // Browsers ask again after this time when the server was away.
      response.write('retry: 2000\n\n');
      if (told !== '') response.write(told);
      listeners.add(response);
      timer ??= setInterval(() => void look(), lookEveryMs);
      void look();
      response.on('close', () => {
        listeners.delete(response);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
        told = '';
      });
    },
    close() {
      stopHearing();
      clearInterval(timer);
      clearInterval(heartbeat);
      for (const response of listeners) response.end();
    },
  };
}

async function underWay(db: Database): Promise<string> {
  const run = await openRunRow(db);
  if (run === undefined) return event('run', null);
  const step = (await stepsOf(db, run.run_seq)).at(-1);
  return event('run', {
    run_id: run.run_id,
    status: run.status,
    step: step?.step ?? null,
    attempt: step?.attempt ?? null,
    done: step?.finished_at != null,
  });
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
