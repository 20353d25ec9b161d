import type { RequestHandler } from 'express';
import { dailySales, hourlySales, hourOfDaySales, topItems } from '../../lib/postgres/view/sales.ts';
import { type ApiInput, answer } from './answer.ts';
import { dateRange } from './dates.ts';
import { parameters } from './parameters.ts';

const rangeShape = { stores: parameters.ids, from: parameters.date, to: parameters.date };
/** A year and what makes it whole weeks. */
const maxDays = 400;
const maxHourDays = 92;

/** Units and receipts per store and date. */
export function salesDaily(input: ApiInput): RequestHandler {
  return answer(input, rangeShape, { days: [], from: null, to: null }, async (view, { stores, ...asked }) => {
    const range = dateRange(view, asked, 56, maxDays);
    return { ...range, days: await dailySales(view, stores, range) };
  });
}

/** Units and receipts per store, date and hour. */
export function salesHourly(input: ApiInput): RequestHandler {
  return answer(input, rangeShape, { hours: [], from: null, to: null }, async (view, { stores, ...asked }) => {
    const range = dateRange(view, asked, 28, maxHourDays);
    return { ...range, hours: await hourlySales(view, stores, range) };
  });
}

/** Units and receipts per store and hour of the day, the dates added up: a picture of many dates in few rows. */
export function salesHoursOfDay(input: ApiInput): RequestHandler {
  return answer(input, rangeShape, { hours: [], from: null, to: null }, async (view, { stores, ...asked }) => {
    const range = dateRange(view, asked, 28, maxDays);
    return { ...range, hours: await hourOfDaySales(view, stores, range) };
  });
}

/** The items that sold most. */
export function salesTopItems(input: ApiInput): RequestHandler {
  const shape = { ...rangeShape, limit: parameters.limit(20, 100) };
  return answer(input, shape, { items: [], from: null, to: null }, async (view, { stores, limit, ...asked }) => {
    const range = dateRange(view, asked, 28, 92);
    return { ...range, items: await topItems(view, stores, range, limit) };
  });
}
