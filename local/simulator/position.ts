import { readFile, rename, writeFile } from 'node:fs/promises';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import type { SimulatorOptions } from './options.ts';

/**
 * How far a folder of exports is complete: `hour` (UTC, since 1970) is the next hour to write, `sizes` the bytes of each
 * event file before it; whatever stands behind them was cut off in the middle and is written again.
 */
export type Position = Readonly<{
  format: 1;
  options: SimulatorOptions;
  /** Whether every store ends after options.days, or the chain goes on. */
  stopAfterDays: boolean;
  hour: number;
  rows: number;
  sizes: Readonly<Record<string, number>>;
}>;

/** Reads a position; undefined where none was kept. @throws TillcastError ETL_INPUT if the file holds something else. */
export async function readPosition(stateFile: string): Promise<Position | undefined> {
  const text = await readFile(stateFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(stateFile, messageOf(error), error);
  });
  if (text === undefined) return undefined;
  try {
    const position = JSON.parse(text) as Position;
    if (position.format === 1 && Number.isInteger(position.hour) && position.sizes !== undefined) return position;
  } catch (error) {
    throw unreadable(stateFile, 'it is not JSON', error);
  }
  throw unreadable(stateFile, 'it is not a position of this simulator');
}

/** Replaces the position in one step, so that a process that is killed leaves the old or the new one. */
export async function writePosition(stateFile: string, position: Position): Promise<void> {
  const beside = `${stateFile}.new`;
  await writeFile(beside, `${JSON.stringify(position)}\n`);
  await rename(beside, stateFile);
}

function unreadable(stateFile: string, why: string, cause?: unknown): TillcastError {
  const message = `${stateFile} should hold the simulator's position, but ${why}; remove it and the folder it belongs to, and simulate again.`;
  return new TillcastError('ETL_INPUT', message, { cause });
}
