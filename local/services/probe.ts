import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../../lib/core/errors.ts';
import { kafkaAnswers } from '../../lib/kafka/answers.ts';
import { mongoAnswers } from '../../lib/mongo/answers.ts';
import { postgresAnswers } from '../../lib/postgres/answers.ts';
import { redisAnswers } from '../../lib/queue/redisAnswers.ts';
import { lastLogLine, type Started } from './processes.ts';
import { type ServiceName, titles } from './types.ts';

/** What a probe brings back; `server` is as much as the protocol tells. */
export type Answer = { ok: true; server: string } | { ok: false; reason: string };

const probes: Readonly<Record<ServiceName, (url: string, timeoutMs?: number) => Promise<Answer>>> = {
  kafka: kafkaAnswers,
  postgres: postgresAnswers,
  mongodb: mongoAnswers,
  redis: redisAnswers,
};

/** Asks a service in its own protocol, bounded; never throws. */
export function probe(name: ServiceName, url: string, timeoutMs?: number): Promise<Answer> {
  return probes[name](url, timeoutMs);
}

/**
 * Waits until a server answers in its own protocol.
 * @throws TillcastError (ETL_SERVICES) when it ends or is silent for `patienceMs`, with the last line of its log.
 */
export async function waitForAnswer(
  name: ServiceName,
  url: string,
  options: { patienceMs: number; signal: AbortSignal; log: string; started?: Started },
): Promise<string> {
  const end = Date.now() + options.patienceMs;
  let ended: string | undefined;
  void options.started?.exited.then((how) => {
    ended = how;
  });
  for (;;) {
    options.signal.throwIfAborted();
    const answer = await probe(name, url, 5000);
    if (answer.ok) return answer.server;
    if (ended !== undefined) {
      throw failure(`${titles[name]} ended at once (${ended})`, options.log);
    }
    if (Date.now() > end) {
      throw failure(
        `${titles[name]} did not answer within ${options.patienceMs / 1000} s (${answer.reason})`,
        options.log,
      );
    }
    await sleep(100, undefined, { signal: options.signal });
  }
}

function failure(what: string, log: string): TillcastError {
  const line = lastLogLine(log);
  return new TillcastError('ETL_SERVICES', `${what}; its log ${log} ends with: ${line || 'nothing'}`, {
    retryable: true,
  });
}

/** An address without its password, for people to read. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1:***@');
}
