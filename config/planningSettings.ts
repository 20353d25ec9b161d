import { resolve } from 'node:path';
import { z } from 'zod';
import { decimal, maybeWholeNumber, twoCuts, wholeNumber } from './values.ts';

/**
 * What planning columns are made with (docs/planning.md). A lead time has no default: no export tells it, and a
 * reorder point for an invented one would be worse than none.
 */
export const planningShape = z.object({
  LEAD_TIME_DAYS: maybeWholeNumber(0, 365),
  REVIEW_PERIOD_DAYS: maybeWholeNumber(1, 365),
  SERVICE_LEVEL: decimal(0.95, 0.5, 0.999),
  PACK_SIZE: wholeNumber(1, 1, 1_000_000),
  PLANNING_FILE: z.string().optional(),
  ABC_CUTS: twoCuts([0.8, 0.95], 1),
  XYZ_CUTS: twoCuts([0.5, 1], 100),
  FORECAST_CONFIDENCE: decimal(0.9, 0.5, 0.99),
});

export function toPlanningSettings(env: z.output<typeof planningShape>) {
  return {
    /** Of pairs of which PLANNING_FILE says nothing else. */
    planningDefaults: {
      leadTimeDays: env.LEAD_TIME_DAYS,
      reviewPeriodDays: env.REVIEW_PERIOD_DAYS,
      serviceLevel: env.SERVICE_LEVEL,
      packSize: env.PACK_SIZE,
    },
    planningFile: env.PLANNING_FILE === undefined ? undefined : resolve(env.PLANNING_FILE),
    /** Shares of all units, upper bounds of A and B. */
    abcCuts: env.ABC_CUTS,
    /** Coefficients of variation, upper bounds of X and Y. */
    xyzCuts: env.XYZ_CUTS,
    forecastConfidence: env.FORECAST_CONFIDENCE,
  } as const;
}
