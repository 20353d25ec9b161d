/**
 * Every problem of the environment in one error, so that a user mends them in one go.
 * `code` ETL_CONFIG, never retryable. Messages name keys and rules, never a secret's value.
 */
export class ConfigError extends Error {
  readonly code = 'ETL_CONFIG';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Settings need mending (environment or .env):\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
