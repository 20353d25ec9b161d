import { basename, dirname, join, resolve } from 'node:path';
import { TillcastError } from '../../lib/core/errors.ts';
import { type Chain, type Emit, startChain } from './chain.ts';
import { appendHours, beginFiles, beginFolder, findPosition, repairFiles } from './exportFolder.ts';
import { checkOptions, type SimulatorOptions } from './options.ts';
import type { Position } from './position.ts';

export { type SimulatorOptions, simulatorDefaults } from './options.ts';

/** A folder of exports that grows hour by hour. */
export type Simulator = Readonly<{
  /**
   * Appends all events in [position, untilUtc), whole UTC hours only; a store's local times lie in the past of untilUtc by
   * its own time zone. The reference files are written at the first call. Calls wait for each other.
   * @throws TillcastError ETL_OUTPUT_WRITE; then open the folder again, which repairs it.
   */
  advanceTo(untilUtc: Date): Promise<{ rowsWritten: number; positionUtc: Date }>;
}>;

/** Where openSimulator keeps a folder's position: beside the folder, so that the pipeline does not list it as input. */
export function defaultStateFile(outDir: string): string {
  const folder = resolve(outDir);
  return join(dirname(folder), `${basename(folder)}.simulator.json`);
}

/**
 * Opens (or begins) the simulated exports in `outDir`; the position is kept in `stateFile`, by default
 * `<outDir>/../<basename>.simulator.json`. A folder that was begun goes on with its first startDate and days, so a caller may
 * pass "60 days ago" every day; another number of stores, items or rows or another seed is refused.
 * @throws TillcastError ETL_CONFIG for options out of range, ETL_INPUT for a folder that is not this simulation's.
 */
export async function openSimulator(
  outDir: string,
  options: SimulatorOptions,
  stateFile: string = defaultStateFile(outDir),
): Promise<Simulator> {
  const sameKeys = ['stores', 'items', 'rowsPerHour', 'seed'] as const;
  const writer = await openWriter(outDir, options, stateFile, { stopAfterDays: false, sameKeys });
  let queue: Promise<unknown> = Promise.resolve();
  return {
    advanceTo(untilUtc) {
      const next = queue.then(async () => {
        const before = writer.position().rows;
        await writer.advance(Math.floor(untilUtc.getTime() / 3_600_000));
        const { rows, hour } = writer.position();
        return { rowsWritten: rows - before, positionUtc: new Date(hour * 3_600_000) };
      });
      queue = next.catch(() => undefined);
      return next;
    },
  };
}

/** A folder being written; hours are UTC since 1970. For the command and openSimulator. */
export type Writer = Readonly<{
  chain: Chain;
  position(): Position;
  advance(endHour: number, onWritten?: (position: Position) => void): Promise<void>;
}>;

/** Opens a folder, repairs what a killed process left, and runs the chain up to the position kept. */
export async function openWriter(
  outDir: string,
  options: SimulatorOptions,
  stateFile: string,
  rules: Readonly<{ stopAfterDays: boolean; sameKeys: readonly (keyof SimulatorOptions)[] }>,
): Promise<Writer> {
  checkOptions(options);
  const folder = resolve(outDir);
  const found = await findPosition(folder, stateFile);
  if (found !== undefined) checkSame(folder, found, options, rules);
  const chain = startChain(found?.options ?? options, rules.stopAfterDays);
  const { stopAfterDays } = rules;
  let position: Position = found ?? { format: 1, options, stopAfterDays, hour: chain.firstHour, rows: 0, sizes: {} };
  if (found === undefined) await beginFolder(folder, stateFile, position);
  await repairFiles(folder, stateFile, position);
  // Stock, orders and late lines are not kept: the same options give them again.
  for (let hour = chain.firstHour; hour < position.hour; hour++) chain.nextHour(() => undefined);
  let failed = false;
  return {
    chain,
    position: () => position,
    async advance(endHour, onWritten) {
      if (failed) throw new TillcastError('ETL_OUTPUT_WRITE', `Writing to ${folder} failed before; open it again.`);
      failed = true;
      if (Object.keys(position.sizes).length === 0) position = await beginFiles(folder, stateFile, position, chain);
      await appendHours(folder, stateFile, position, chain, Math.min(endHour, chain.endHour), (written) => {
        position = written;
        onWritten?.(written);
      });
      failed = false;
    },
  };
}

function checkSame(
  folder: string,
  found: Position,
  options: SimulatorOptions,
  rules: Readonly<{ stopAfterDays: boolean; sameKeys: readonly (keyof SimulatorOptions)[] }>,
): void {
  const differing = rules.sameKeys.filter((key) => found.options[key] !== options[key]);
  const was = differing.map((key) => `${key} ${found.options[key]} instead of ${options[key]}`);
  if (found.stopAfterDays !== rules.stopAfterDays) {
    was.push(found.stopAfterDays ? 'a fixed number of days' : 'a simulation that goes on by the hour');
  }
  if (was.length === 0) return;
  throw new TillcastError('ETL_INPUT', `${folder} was begun with ${was.join(', ')}; name another folder or remove it.`);
}

/**
 * Events of one hour as export lines by file name: pure, no I/O. `text` holds whole lines with their CRLF, headers are not
 * in it; `hourUtc` is the hour's beginning. Yields every hour of options.days, at whose end each store stops at midnight.
 */
export function* exportHours(
  options: SimulatorOptions,
): Generator<Readonly<{ hourUtc: Date; files: ReadonlyMap<string, string>; rows: number }>> {
  checkOptions(options);
  const chain = startChain(options, true);
  for (let hour = chain.firstHour; hour < chain.endHour; hour++) {
    const files = new Map<string, string>();
    let rows = 0;
    const emit: Emit = (file, text, count) => {
      files.set(file, (files.get(file) ?? '') + text);
      rows += count;
    };
    chain.nextHour(emit);
    yield { hourUtc: new Date(hour * 3_600_000), files, rows };
  }
}
