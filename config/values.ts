import { z } from 'zod';

/** A setting that is a whole number of `min` to `max`; undefined where it is not set and has no `fallback`. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  wholeNumberText(min, max).default(String(fallback)).transform(Number);

export const maybeWholeNumber = (min: number, max: number) => wholeNumberText(min, max).transform(Number).optional();

/** A setting that is a decimal number like `0.95`, both bounds included. */
export const decimal = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => isDecimal(text) && Number(text) >= min && Number(text) <= max, {
      error: `expected a number from ${min} to ${max} like ${fallback}`,
    })
    .transform(Number);

/** Two ascending decimals above 0 and up to `max`, like `0.8,0.95`. */
export const twoCuts = (fallback: readonly [number, number], max: number) =>
  z
    .string()
    .default(fallback.join(','))
    .refine((text) => areCuts(text, max), {
      error: `expected two ascending numbers above 0 and up to ${max} like ${fallback.join(',')}`,
    })
    .transform((text) => text.split(',').map(Number) as unknown as readonly [number, number]);

function wholeNumberText(min: number, max: number) {
  return z.string().refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
    error: `expected a whole number from ${min} to ${max}`,
  });
}

function isDecimal(text: string): boolean {
  return /^\s*\d+(\.\d+)?\s*$/.test(text);
}

function areCuts(text: string, max: number): boolean {
  const parts = text.split(',');
  const [low = Number.NaN, high = Number.NaN] = parts.map(Number);
  return parts.length === 2 && parts.every(isDecimal) && low > 0 && low < high && high <= max;
}
