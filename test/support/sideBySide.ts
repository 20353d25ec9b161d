import { afterAll, beforeAll, test } from '@jest/globals';

const patienceMs = 15 * 60_000;

/**
 * Scenarios that mostly wait are started at once after `prepare`, each on a dataset of its own, and each is told by a
 * test of its own.
 */
export function sideBySide<Prepared>(
  prepare: () => Promise<Prepared>,
  scenarios: Readonly<Record<string, (prepared: Prepared) => Promise<void>>>,
): void {
  const outcomes = new Map<string, Promise<void>>();
  beforeAll(async () => {
    const prepared = await prepare();
    for (const [title, scenario] of Object.entries(scenarios)) {
      const outcome = scenario(prepared);
      // Until its test asks.
      outcome.catch(() => undefined);
      outcomes.set(title, outcome);
    }
  });
  afterAll(() => Promise.allSettled(outcomes.values()));
  for (const title of Object.keys(scenarios)) test(title, () => outcomes.get(title), patienceMs);
}
