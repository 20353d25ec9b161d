import { z } from 'zod';
import { RequestError } from './problem.ts';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, { error: 'expected a whole number' })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `expected a whole number from ${min} to ${max}` });

const id = wholeNumber(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** A list of ids like `1,3`; absent or empty = all. */
const ids = z
  .string()
  .refine((text) => /^(-?\d{1,16}(,-?\d{1,16}){0,999})?$/.test(text), { error: 'expected ids like 1,3' })
  .transform((text) => (text === '' ? null : text.split(',').map(Number)))
  .optional()
  .transform((list) => list ?? null);

const pairForm = /^(-?\d{1,16}):(-?\d{1,16})$/;

/** Pairs of a store and an item like `1:101,2:7`; absent or empty = none. */
const pairs = (max: number) =>
  z
    .string()
    .transform((text) => (text === '' ? [] : text.split(',')).map((pair) => pairForm.exec(pair)))
    .refine((found) => found.length <= max && found.every((pair) => pair !== null), {
      error: `expected at most ${max} pairs of store and item like 1:101,2:7`,
    })
    .transform((found) =>
      found.length === 0 ? null : found.map((pair) => ({ store: Number(pair?.[1]), item: Number(pair?.[2]) })),
    )
    .optional()
    .transform((list) => list ?? null);

const isDate = (text: string) => {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return instant !== undefined && Number.isFinite(+instant) && instant.toISOString().startsWith(text);
};
const date = z.string().refine(isDate, { error: 'expected a date as yyyy-MM-dd' });

const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength, { error: `expected at most ${maxLength} characters` })
    .refine((value) => !value.includes('\u0000'), { error: 'expected text without a NUL' })
    .transform((value) => (value.trim() === '' ? null : value.trim()))
    .optional()
    .transform((value) => value ?? null);

/** Words from a closed list, like `low,out`; absent or empty = all. */
const someOf = (words: readonly string[]) =>
  z
    .string()
    .refine((list) => list === '' || list.split(',').every((word) => words.includes(word)), {
      error: `expected some of ${words.join(',')}`,
    })
    .transform((list) => (list === '' ? null : list.split(',')))
    .optional()
    .transform((list) => list ?? null);

const words = text(200).transform((list) => (list === null ? null : list.split(',')));

/** Shapes of query parameters: those that every answer of a view has, and parts that some have. */
export const parameters = {
  run: z
    .string()
    .regex(/^[\w-]{1,64}(\/[\w-]{12})?$/, { error: 'expected a run_id, or the pin of an answer' })
    .optional(),
  id,
  ids,
  pairs,
  date: date.optional(),
  text,
  someOf,
  words,
  wholeNumber,
  page: wholeNumber(1, 1_000_000)
    .optional()
    .transform((page) => page ?? 1),
  size: (fallback = 50) =>
    wholeNumber(1, 500)
      .optional()
      .transform((size) => size ?? fallback),
  limit: (fallback: number, max: number) =>
    wholeNumber(1, max)
      .optional()
      .transform((limit) => limit ?? fallback),
  descending: (fallback: boolean) =>
    z
      .enum(['asc', 'desc'], { error: 'expected asc or desc' })
      .optional()
      .transform((dir) => (dir === undefined ? fallback : dir === 'desc')),
} as const;

/**
 * Checks the parameters of a request as a whole; unknown ones are refused, so that a mistyped filter is not an unfiltered
 * answer. @throws RequestError 400 that names each bad parameter, what was expected and what came
 */
export function parseParameters<Shape extends z.ZodRawShape>(
  shape: Shape,
  query: object,
): z.output<z.ZodObject<Shape>> {
  const repeated = Object.entries(query).find(([, value]) => typeof value !== 'string');
  if (repeated !== undefined) throw new RequestError(400, `${repeated[0]}: expected once, got it several times`);
  const checked = z.strictObject(shape).safeParse(query);
  if (checked.success) return checked.data as z.output<z.ZodObject<Shape>>;
  const problems = checked.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return `${issue.keys.join(', ')}: unknown parameter, expected ${Object.keys(shape).join(', ')}`;
    }
    const key = String(issue.path[0] ?? '');
    const got = (query as Record<string, unknown>)[key];
    return `${key}: ${issue.message}, got ${JSON.stringify(got)}`;
  });
  throw new RequestError(400, problems.join('; '));
}
