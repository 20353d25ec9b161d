import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childEnvironment } from '../../config/settings.ts';
import { TillcastError } from '../../lib/core/errors.ts';
import { run } from './run.ts';
import { addressKeys, type ServiceName, titles } from './types.ts';

/** The tools that a native start may need. */
export type Tool = 'java' | 'mvn' | 'go' | 'tar' | 'xz';

const wanted: Readonly<Record<Tool, string>> = {
  java: 'java 17 or newer',
  mvn: 'mvn',
  go: 'go 1.21 or newer',
  tar: 'tar',
  xz: 'xz',
};

const packages: Readonly<Record<string, Readonly<Record<Tool, string>>>> = {
  'apt-get install -y': { java: 'default-jre-headless', mvn: 'maven', go: 'golang-go', tar: 'tar', xz: 'xz-utils' },
  'dnf install -y': { java: 'java-latest-openjdk-headless', mvn: 'maven', go: 'golang', tar: 'tar', xz: 'xz' },
  'apk add': { java: 'openjdk21-jre-headless', mvn: 'maven', go: 'go', tar: 'tar', xz: 'xz' },
  'brew install': { java: 'openjdk', mvn: 'maven', go: 'go', tar: 'gnu-tar', xz: 'xz' },
};

/** Full path of a program on PATH (java also in JAVA_HOME); undefined if there is none. */
export function findProgram(name: string): string | undefined {
  const { PATH = '', JAVA_HOME } = childEnvironment();
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  if (name === 'java' && JAVA_HOME !== undefined && JAVA_HOME !== '') folders.unshift(join(JAVA_HOME, 'bin'));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Full path of a program. @throws TillcastError (ETL_SERVICES) if it is not there. */
export function needProgram(name: string): string {
  const found = findProgram(name);
  if (found === undefined) throw new TillcastError('ETL_SERVICES', `${name} is not on PATH; install it`);
  return found;
}

/**
 * Checks all needed tools at once.
 * @throws TillcastError (ETL_SERVICES), one sentence: what is missing, for which service, and how to mend it.
 */
export async function checkTools(needs: ReadonlyMap<Tool, readonly ServiceName[]>, signal: AbortSignal): Promise<void> {
  const missing: Tool[] = [];
  for (const tool of needs.keys()) if (!(await isFit(tool, signal))) missing.push(tool);
  if (missing.length === 0) return;
  const services = [...new Set(missing.flatMap((tool) => needs.get(tool) ?? []))];
  const list = missing.map(
    (tool) =>
      `${wanted[tool]} (for ${needs
        .get(tool)
        ?.map((s) => titles[s])
        .join(', ')})`,
  );
  const keys = services.map((service) => addressKeys[service]);
  throw new TillcastError(
    'ETL_SERVICES',
    `Services cannot be started here, missing: ${list.join('; ')}. ${remedy(missing)}, or start a Docker engine, or set ${keys.join(', ')} to servers that run.`,
  );
}

async function isFit(tool: Tool, signal: AbortSignal): Promise<boolean> {
  const program = findProgram(tool);
  if (program === undefined) return false;
  try {
    if (tool === 'java') {
      // Not -version, which writes to standard error. The stub of macOS fails here, as it should.
      const text = await run(program, ['--version'], { signal, timeoutMs: 20_000 });
      return Number(/^\S+ (\d+)/m.exec(text)?.[1] ?? 0) >= 17;
    }
    if (tool === 'go') {
      const text = await run(program, ['version'], { signal, timeoutMs: 20_000 });
      const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(text) ?? [];
      return Number(major) > 1 || Number(minor) >= 21;
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TillcastError) return false;
    throw error;
  }
}

function remedy(missing: readonly Tool[]): string {
  const command = installer();
  if (command === undefined) return `Install ${missing.join(', ')}`;
  const names = missing.map((tool) => packages[command]?.[tool] ?? tool);
  const sudo = command.startsWith('brew') || process.getuid?.() === 0 ? '' : 'sudo ';
  return `Install with \`${sudo}${command} ${names.join(' ')}\``;
}

function installer(): string | undefined {
  if (process.platform === 'darwin') return 'brew install';
  // By well-known places and not by PATH, which may be what is wrong.
  if (existsSync('/usr/bin/apt-get')) return 'apt-get install -y';
  if (existsSync('/usr/bin/dnf')) return 'dnf install -y';
  if (existsSync('/sbin/apk')) return 'apk add';
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
