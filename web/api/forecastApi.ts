import type { RequestHandler } from 'express';
import { z } from 'zod';
import {
  accuracy,
  clusters,
  forecastHistory,
  forecastItems,
  itemForecast,
  upperForecast,
} from '../../lib/postgres/view/forecasts.ts';
import { type ApiInput, answer } from './answer.ts';
import { parameters } from './parameters.ts';
import { RequestError } from './problem.ts';

const levels = ['total', 'store', 'item', 'item_store'] as const;

/** Actual months and estimates of one series, rows of forecast.csv. */
export function forecast(input: ApiInput): RequestHandler {
  const shape = {
    level: z
      .enum(levels, { error: `expected one of ${levels.join(', ')}` })
      .optional()
      .transform((level) => level ?? 'total'),
    store: parameters.id.optional(),
    item: parameters.id.optional(),
  };
  return answer(input, shape, { series: [] }, async (view, { level, store, item }) => {
    const needsStore = level === 'store' || level === 'item_store';
    const needsItem = level === 'item' || level === 'item_store';
    refuseUnless('store', level, needsStore, store);
    refuseUnless('item', level, needsItem, item);
    const { clock } = view;
    const series =
      item === undefined
        ? await upperForecast(view, store ?? null)
        : await itemForecast(view, input.settings.timeZone, item, store ?? null);
    return { level, open_month: clock.openMonth, forecast_month: clock.forecastMonth, series };
  });
}

function refuseUnless(name: string, level: string, needed: boolean, given: number | undefined): void {
  if (needed && given === undefined)
    throw new RequestError(400, `${name}: expected an id, as level ${level} needs it, got nothing`);
  if (!needed && given !== undefined) throw new RequestError(400, `${name}: level ${level} has none, got ${given}`);
}

/** Items by what they are forecast to sell next month. */
export function forecastByItem(input: ApiInput): RequestHandler {
  const shape = { q: parameters.text(100), page: parameters.page, size: parameters.size(20) };
  return answer(input, shape, { items: [], total: 0 }, async (view, { q, page, size }) => {
    return { ...(await forecastItems(view, q, page, size)), page, size, forecast_month: view.clock.forecastMonth };
  });
}

export function forecastAccuracy(input: ApiInput): RequestHandler {
  return answer(input, {}, { rows: [] }, async (view) => ({ rows: await accuracy(view) }));
}

export function pastForecasts(input: ApiInput): RequestHandler {
  const shape = { item: parameters.id.optional() };
  return answer(input, shape, { rows: [] }, async (view, { item }) => ({
    rows: await forecastHistory(view, item ?? null),
  }));
}

export function clusterProfiles(input: ApiInput): RequestHandler {
  return answer(input, {}, { rows: [] }, async (view) => ({ rows: await clusters(view) }));
}
