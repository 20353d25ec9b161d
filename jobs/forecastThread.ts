import { parentPort, workerData } from 'node:worker_threads';
import { blockForecaster, type ForecastTerms } from '../lib/core/forecast/forecastBlock.ts';
import type { PairBlock } from '../lib/core/forecast/pairBlock.ts';

// The other side of forecastThreads.ts: a block in, its records out.
const forecast = blockForecaster(workerData as ForecastTerms);
parentPort?.on('message', (block: PairBlock) => {
  const records = forecast(block);
  parentPort?.postMessage(
    records,
    records.map((record) => record.buffer as ArrayBuffer),
  );
});
