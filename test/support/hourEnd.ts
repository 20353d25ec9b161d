import { setTimeout as sleep } from 'node:timers/promises';

const hourMs = 3_600_000;

/** Waits past the end of the hour where less than `neededMs` of it are left: what a test does must be of one slot. */
export async function insideOneHour(neededMs: number): Promise<void> {
  const leftMs = hourMs - (Date.now() % hourMs);
  if (leftMs < neededMs) await sleep(leftMs + 500);
}
