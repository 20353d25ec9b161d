import { TillcastError } from '../core/errors.ts';

/** An error that trying again cannot mend, with the command that does: the topic is not what was read before. */
export function topicGap(what: string, cause?: unknown): TillcastError {
  return new TillcastError(
    'ETL_KAFKA_GAP',
    `${what}. Nothing was skipped, and PostgreSQL keeps what it has. Go on with a fresh topic, which gets from the ` +
      'files what was not applied yet: npm run replay -- --new-topic',
    cause === undefined ? {} : { cause },
  );
}
