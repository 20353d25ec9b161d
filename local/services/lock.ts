import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../../lib/core/errors.ts';
import { identify, isAlive, type ProcessId } from './processes.ts';

/**
 * A lock between processes that survives crashes. `folder` holds numbered files; the highest one names the holder.
 * A holder that died is followed by the next number, never removed first: so two waiters cannot both succeed.
 * @returns a function that releases. @throws TillcastError (ETL_SERVICES) after `patienceMs`; the abort reason if aborted.
 */
export async function lock(
  folder: string,
  options: { patienceMs: number; signal?: AbortSignal | undefined; onWait?: (holderPid: number) => void },
): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const me = identify(process.pid) ?? { pid: process.pid, started: 'unknown' };
  const end = Date.now() + options.patienceMs;
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const newest = highest(folder);
    const holder = readHolder(folder, newest);
    if (holder === undefined) {
      const taken = take(folder, newest + 1, me);
      if (taken !== undefined) return taken;
      continue;
    }
    if (Date.now() > end) {
      throw new TillcastError(
        'ETL_SERVICES',
        `process ${holder.pid} holds ${folder} for too long; end it, then retry`,
        {
          retryable: true,
        },
      );
    }
    if (!told) options.onWait?.(holder.pid);
    told = true;
    await sleep(100);
  }
}

function take(folder: string, number: number, me: ProcessId): (() => void) | undefined {
  const draft = join(folder, `draft-${randomUUID()}`);
  const mine = join(folder, String(number));
  writeFileSync(draft, JSON.stringify(me));
  try {
    linkSync(draft, mine);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // While we were not looking, others may have gone further and cleared away behind them.
  if (highest(folder) !== number) {
    rmSync(mine, { force: true });
    return undefined;
  }
  for (const older of numbers(folder)) if (older < number) rmSync(join(folder, String(older)), { force: true });
  return () => {
    const released = join(folder, `draft-${randomUUID()}`);
    writeFileSync(released, '{}');
    renameSync(released, mine);
  };
}

function numbers(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function highest(folder: string): number {
  return Math.max(0, ...numbers(folder));
}

/** The living holder; undefined when the lock was released or its holder died. */
function readHolder(folder: string, number: number): ProcessId | undefined {
  if (number === 0) return undefined;
  try {
    const holder = JSON.parse(readFileSync(join(folder, String(number)), 'utf8')) as Partial<ProcessId>;
    if (holder.pid === undefined || holder.started === undefined) return undefined;
    return isAlive(holder as ProcessId) ? (holder as ProcessId) : undefined;
  } catch {
    return undefined;
  }
}
