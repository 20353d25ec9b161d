/** The closed list of codes; README says for each what to do. */
export const errorCodes = [
  'ETL_CONFIG',
  'ETL_SERVICES',
  'ETL_INPUT',
  'ETL_CSV_FILE',
  'ETL_KAFKA_PRODUCE',
  'ETL_KAFKA_READ',
  'ETL_KAFKA_GAP',
  'ETL_PG',
  'ETL_STALE',
  'ETL_MONGO_WRITE',
  'ETL_OUTPUT_WRITE',
  'ETL_OUTPUT_OWNER',
  'ETL_RUN_OPEN',
  'ETL_RUN_DATA',
  'ETL_RUN_FAILED',
  'ETL_REPLAY_LOSS',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error a person or the queue can act on: `code` says which, `retryable` whether trying again may help.
 * The message says what, where, expected, got, next step. Bad rows are values, never this.
 */
export class TillcastError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything thrown, for logs and wrapped errors. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(messageOf).join('; ');
  const message = (thrown as { message?: unknown } | null)?.message;
  return typeof message === 'string' && message !== '' ? message : String(thrown);
}
