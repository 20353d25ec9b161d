import { z } from 'zod';
import { TillcastError } from '../core/errors.ts';

/** What may start a run: `{}` by hand; the clock names its slot. The data never holds a path. */
const etlRunShape = z.strictObject({
  slot: z.iso.datetime().optional(),
  trigger: z.enum(['clock', 'start-up', 'sweep', 'hand', 'once']).optional(),
});

export type EtlRunData = z.output<typeof etlRunShape>;

/** JSON Schema of the same, for the form in the queue UI. */
export const etlRunSchema = {
  type: 'object',
  additionalProperties: false,
  description: '{} starts a run now. A slot is what the clock writes.',
  properties: { slot: { type: 'string', format: 'date-time' } },
  default: {},
};

/**
 * Checks the data of an `etl-run` job. @throws TillcastError ETL_RUN_DATA with a sentence for the person who added it
 */
export function parseEtlRunData(data: unknown): EtlRunData {
  const checked = etlRunShape.safeParse(data);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || 'the data'}: ${issue.message}`);
  throw new TillcastError(
    'ETL_RUN_DATA',
    `This job's data is not what starts a run: add a job with {} and the current hour runs (${problems.join('; ')})`,
  );
}

/** Both steps of a run carry its id and nothing else. */
export type StepData = Readonly<{ run_id: string }>;
