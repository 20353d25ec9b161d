import { accessSync, constants } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { oneAtATime } from './cache.ts';
import { run } from './run.ts';
import { needProgram } from './tools.ts';

/** Copies the jars of a committed pom.xml (its folder, its properties) into `into`; at most ten minutes. */
export async function copyJars(
  from: string,
  into: string,
  options: { cache: string; signal: AbortSignal; properties?: Readonly<Record<string, string>> },
): Promise<void> {
  const properties = Object.entries({ ...repository(), ...options.properties }).map(
    ([key, value]) => `-D${key}=${value}`,
  );
  const args = ['-B', '-q', '-f', join(from, 'pom.xml'), 'dependency:copy-dependencies'];
  const goal = ['-DincludeScope=runtime', `-DoutputDirectory=${into}`];
  await oneAtATime(options.cache, 'maven', options.signal, () =>
    run(needProgram('mvn'), [...args, ...goal, ...properties], { signal: options.signal, timeoutMs: 600_000 }),
  );
}

/** Java looks for the home folder in the system's list of users, where service accounts have none; HOME is better then. */
function repository(): Record<string, string> {
  try {
    accessSync(userInfo().homedir, constants.W_OK);
    return {};
  } catch {
    return { 'maven.repo.local': join(homedir(), '.m2', 'repository') };
  }
}
