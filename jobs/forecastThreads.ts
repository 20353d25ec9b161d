import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { blockForecaster, type ForecastTerms } from '../lib/core/forecast/forecastBlock.ts';
import type { PairBlock } from '../lib/core/forecast/pairBlock.ts';

/** PostgreSQL and this thread, which reads and writes, want a core as well. */
const mostThreads = 4;

export type ForecastThreads = Readonly<{
  /** Records of a block's pairs, in their order. */
  forecast(block: PairBlock): Promise<Uint8Array[]>;
  /** How many blocks are worth being under way at once. */
  count: number;
  close(): Promise<void>;
}>;

/** Fewer rows are done before a thread has started. */
const rowsForThread = 20_000;

/**
 * Threads that make forecasts, started when the first large block comes; small ones are made here. Blocks may come back
 * in another order than they went, each by its own promise.
 */
export function openForecastThreads(
  terms: ForecastTerms,
  count = Math.min(mostThreads, Math.max(1, availableParallelism() - 1)),
): ForecastThreads {
  const here = blockForecaster(terms);
  let threads: ForecastThread[] = [];
  return {
    count,
    async forecast(block) {
      if (threads.length === 0) {
        if (block.days.length < rowsForThread) return here(block);
        threads = Array.from({ length: count }, () => new ForecastThread(terms));
      }
      const idlest = threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
      return idlest.forecast(block);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

class ForecastThread {
  waiting = 0;
  private readonly worker: Worker;
  /** Rejects when the thread ends, whenever that is: a block that comes later must not wait for ever. */
  private readonly ended: Promise<never>;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(terms: ForecastTerms) {
    this.worker = new Worker(new URL('./forecastThread.mjs', import.meta.url), {
      workerData: terms,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.ended = new Promise((_, reject) => {
      this.worker.once('error', (error) =>
        reject(
          new TillcastError('ETL_RUN_FAILED', `a thread that makes forecasts failed: ${messageOf(error)}`, {
            cause: error,
          }),
        ),
      );
      this.worker.once('exit', () =>
        reject(
          new TillcastError(
            'ETL_RUN_FAILED',
            'a thread that makes forecasts ended early: see the memory of this machine',
          ),
        ),
      );
    });
    this.ended.catch(() => undefined);
  }

  forecast(block: PairBlock): Promise<Uint8Array[]> {
    this.waiting += 1;
    const done = this.turn.then(() => this.ask(block));
    this.turn = done.catch(() => undefined);
    return done.finally(() => {
      this.waiting -= 1;
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private async ask(block: PairBlock): Promise<Uint8Array[]> {
    const { starts, days, demand, closing, horizonDays } = block;
    const moved = [starts, days, demand, closing, horizonDays].map(({ buffer }) => buffer as ArrayBuffer);
    const answer = new Promise<Uint8Array[]>((resolve) => this.worker.once('message', resolve));
    // Ids are needed again by whoever writes the records; everything else moves over.
    this.worker.postMessage(block, moved);
    return Promise.race([answer, this.ended]);
  }
}
