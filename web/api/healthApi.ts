import type { RequestHandler } from 'express';
import { latency, quality } from '../../lib/postgres/view/health.ts';
import { type ApiInput, answer } from './answer.ts';
import { parameters } from './parameters.ts';

/** Findings of data_quality.csv and rejected rows. */
export function dataQuality(input: ApiInput): RequestHandler {
  const shape = { page: parameters.page, size: parameters.size() };
  const empty = { findings: [], rejected: [], rejected_total: 0 };
  return answer(input, shape, empty, async (view, { page, size }) => {
    return { ...(await quality(view, input.settings.timeZone, page, size)), page, size };
  });
}

/** The newest batches of latency.csv, oldest first. */
export function batchLatency(input: ApiInput): RequestHandler {
  const shape = { limit: parameters.limit(200, 2_000) };
  return answer(input, shape, { rows: [] }, async (view, { limit }) => ({
    rows: await latency(view, input.settings.timeZone, limit),
  }));
}
