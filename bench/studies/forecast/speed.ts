import { openForecastThreads } from '../../../jobs/forecastThreads.ts';
import { chainOutlook } from '../../../lib/core/forecast/chainOutlook.ts';
import type { ForecastTerms } from '../../../lib/core/forecast/forecastBlock.ts';
import { ForecastBook } from '../../../lib/core/forecast/forecastBook.ts';
import { originsOf } from '../../../lib/core/forecast/origins.ts';
import { type PairBlock, PairBlockBuilder } from '../../../lib/core/forecast/pairBlock.ts';
import { type PairForecast, pairForecast } from '../../../lib/core/forecast/pairForecast.ts';
import { readRecord } from '../../../lib/core/forecast/pairRecord.ts';
import { Random } from '../../../local/simulator/random.ts';

/** Seconds of the computing alone: no reading, no writing. `pooling`: bands, accuracy and levels of all. */
export type Speed = Readonly<{
  series: number;
  days: number;
  seconds: number;
  pooling: number;
  threads: number;
  peakMb: number;
}>;

const stores = 20;
const pairsPerBlock = 2_000;
const firstDay = 20_000;
const seed = 5;

/** Forecasts of simulated series in blocks, in as many threads as there are cores; the blocks are made beforehand, one at a time. */
export async function speedOf(size: Readonly<{ series: number; days: number }>, signal: AbortSignal): Promise<Speed> {
  const origins = originsOf(firstDay + size.days, firstDay);
  const days = Int32Array.from({ length: size.days }, (_, at) => firstDay + at);
  const sold = Array.from({ length: stores }, (_, storeId) => ({
    storeId,
    days,
    units: new Float64Array(size.days).fill(1_000),
  }));
  const chain = chainOutlook(sold, origins, firstDay, 7);
  const terms: ForecastTerms = { origins, grounds: chain.grounds, xyzCuts: [0.5, 1] };
  const threads = openForecastThreads(terms, 2);
  const book = new ForecastBook(origins, 0.9);
  let computing = 0;
  let pooling = 0;
  let peakMb = 0;
  try {
    const records: { storeId: number; itemId: number; record: Uint8Array }[] = [];
    for (let made = 0; made < size.series; ) {
      signal.throwIfAborted();
      const blocks: PairBlock[] = [];
      for (let n = 0; n < 2 * threads.count && made < size.series; n += 1) {
        blocks.push(simulatedBlock(made, Math.min(pairsPerBlock, size.series - made), size.days));
        made += pairsPerBlock;
      }
      const from = performance.now();
      const answers = await Promise.all(blocks.map((block) => threads.forecast(block)));
      computing += performance.now() - from;
      for (const [at, answer] of answers.entries()) {
        for (const [n, record] of answer.entries()) {
          records.push({ storeId: blocks[at]?.storeIds[n] ?? 0, itemId: blocks[at]?.itemIds[n] ?? 0, record });
        }
      }
    }
    const from = performance.now();
    const each = (take: (pair: PairForecast) => void) => {
      for (const { storeId, itemId, record } of records) {
        take(pairForecast(readRecord(storeId, itemId, record).basis, origins, chain.outlookOf(storeId)));
      }
    };
    each((pair) => book.learn(pair));
    book.endLearning();
    each((pair) => book.judge(pair));
    book.end();
    pooling = performance.now() - from;
    peakMb = process.resourceUsage().maxRSS / 1024;
  } finally {
    await threads.close();
  }
  return {
    ...size,
    seconds: computing / 1000,
    pooling: pooling / 1000,
    threads: threads.count,
    peakMb: Math.round(peakMb),
  };
}

/** Pairs of one item after the other over its stores; half of the days of a typical one hold a sale. */
function simulatedBlock(from: number, pairs: number, days: number): PairBlock {
  const builder = new PairBlockBuilder(() => 0);
  for (let pair = from; pair < from + pairs; pair += 1) {
    const random = new Random(seed, pair, 0);
    const often = random.next();
    for (let day = 0; day < days; day += 1) {
      if (day === 0 || random.next() < often) {
        builder.add(pair % stores, Math.floor(pair / stores), firstDay + day, 1 + random.below(5), Number.NaN);
      }
    }
  }
  return builder.take();
}
