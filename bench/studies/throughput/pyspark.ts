import { join } from 'node:path';
import { cacheFolder } from '../../../config/settings.ts';
import { cached, fingerprint } from '../../../local/services/cache.ts';
import { copyJars } from '../../../local/services/maven.ts';
import { run } from '../../../local/services/run.ts';
import { needProgram } from '../../../local/services/tools.ts';
import type { Context } from '../../../local/services/types.ts';

export const baselineDir = join(import.meta.dirname, '..', '..', 'baselines', 'pyspark');

/** Where the baselines' Python and the jars that its wheel lacks are; `versions` as `pip freeze` lists them. */
export type PySpark = Readonly<{ python: string; jars: string; versions: readonly string[] }>;

/**
 * PySpark in a virtual environment of its own and its jars, in the cache folder, fetched once (some 700 MB).
 * @throws TillcastError (ETL_SERVICES) where Python, Java, Maven or a registry is missing
 */
export async function installPySpark(context: Context): Promise<PySpark> {
  const { signal, say } = context;
  needProgram('java');
  const requirements = join(baselineDir, 'requirements.txt');
  const key = `pyspark-${fingerprint([requirements, join(baselineDir, 'pom.xml')])}`;
  const cache = cacheFolder(context.settings);
  // The folder is renamed when it is complete: the environment's python finds its packages beside itself all the same.
  const folder = await cached(cache, key, context, async (building) => {
    say('PySpark: downloading from PyPI and Maven, some 450 MB (once, cached) …');
    await run(needProgram('python3'), ['-m', 'venv', join(building, 'venv')], { signal, timeoutMs: 120_000 });
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r', requirements];
    await run(pythonIn(building), install, { signal, timeoutMs: 1_200_000 });
    await copyJars(baselineDir, join(building, 'jars'), { cache, signal });
  });
  const python = pythonIn(folder);
  const freeze = ['-m', 'pip', 'freeze', '--disable-pip-version-check'];
  const versions = (await run(python, freeze, { signal, timeoutMs: 60_000 })).trim().split('\n');
  return { python, jars: join(folder, 'jars'), versions };
}

function pythonIn(folder: string): string {
  return join(folder, 'venv', 'bin', 'python');
}
