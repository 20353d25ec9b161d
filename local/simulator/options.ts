import { TillcastError } from '../../lib/core/errors.ts';
import { dayOf } from './localTime.ts';

/**
 * What is simulated. `stores` counts the shops beside the web shop; `rowsPerHour` is the average number of event rows of the
 * whole chain per hour over `days` days, nights included; `startDate` (yyyy-MM-dd) is the first business day of every store.
 */
export type SimulatorOptions = Readonly<{
  stores: number;
  items: number;
  days: number;
  rowsPerHour: number;
  seed: number;
  startDate: string;
}>;

/** A small chain that loads in seconds: 4 stores and a web shop, two winter months, about 86,000 rows. */
export const simulatorDefaults: SimulatorOptions = Object.freeze({
  stores: 4,
  items: 200,
  days: 60,
  rowsPerHour: 60,
  seed: 1,
  startDate: '2026-01-05',
});

const ranges = {
  stores: [1, 1000],
  items: [1, 100_000],
  days: [1, 3650],
  rowsPerHour: [1, 1_000_000],
  seed: [0, 4_294_967_295],
} as const;

/** Every problem of the options, one sentence each; empty when they can be simulated. */
export function optionProblems(options: SimulatorOptions): readonly string[] {
  const problems = Object.entries(ranges).flatMap(([key, [min, max]]) => {
    const value = options[key as keyof typeof ranges];
    const fits = Number.isInteger(value) && value >= min && value <= max;
    return fits ? [] : [`${key} must be a whole number from ${min} to ${max}, got ${String(value)}`];
  });
  if (dayOf(options.startDate) === undefined) {
    problems.push(`startDate must be a date yyyy-MM-dd from 2000-01-02 to 2099-12-31, got "${options.startDate}"`);
  }
  return problems;
}

/** @throws TillcastError ETL_CONFIG naming every option out of range. */
export function checkOptions(options: SimulatorOptions): void {
  const problems = optionProblems(options);
  if (problems.length > 0) throw new TillcastError('ETL_CONFIG', `Simulator: ${problems.join('; ')}.`);
}
