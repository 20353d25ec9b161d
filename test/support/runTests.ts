import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../../config/settings.ts';
import { bringUp, type RunningServices } from '../../local/services/bringUp.ts';

const help = `npm test [-- --only PATTERN]     type check, lint, unit, integration and end-to-end tests
npm run test:long                the tests that do not fit in ten minutes

Starts its own services under .tillcast/test and ends them. --only runs the test files whose path matches PATTERN.`;

type Counts = { passed: number; failed: number; skipped: number };

const { values: flags } = parseArgs({
  options: { long: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const home = resolve('.tillcast', 'test');
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const stop = new AbortController();
const running = new Set<ReturnType<typeof spawn>>();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    stop.abort(new Error(`stopped by ${name}`));
    for (const child of running) child.kill('SIGTERM');
  });
}
const say = (line: string) => process.stdout.write(`${line}\n`);

if (flags.help) say(help);
else process.exitCode = await main();

async function main(): Promise<number> {
  let services: RunningServices | undefined;
  try {
    if (!flags.long && flags.only === undefined) await checks();
    const settings = readSettings({ TILLCAST_HOME: home });
    services = await bringUp(settings, say, stop.signal);
    await tests(services);
  } catch (error) {
    total.failed += 1;
    say(`${stop.signal.aborted ? 'stopped' : 'failed'}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await services?.stop();
  }
  if (!flags.long)
    say(
      'Not run here: test/long (`npm run test:long`: the real year in many drops, whole-hour kills, replay, a slice of the torture, the clock by the minute)',
    );
  say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
}

/** Each check counts as one test. */
async function checks(): Promise<void> {
  for (const script of ['typecheck', 'lint']) {
    const code = await run('npm', ['run', '--silent', script], {});
    if (code === 0) total.passed += 1;
    else total.failed += 1;
    say(`${script}: ${code === 0 ? 'passed' : 'FAILED'}`);
  }
}

async function tests(services: RunningServices): Promise<void> {
  mkdirSync(home, { recursive: true });
  const addresses = join(home, 'addresses.json');
  const counts = join(home, 'counts.json');
  rmSync(counts, { force: true });
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = services;
  writeFileSync(addresses, JSON.stringify({ kafkaBrokers, postgresUrl, mongodbUrl, redisUrl }), { mode: 0o600 });
  const projects = flags.long ? ['long'] : ['unit', 'integration', 'e2e'];
  const only = flags.only === undefined ? [] : ['--testPathPatterns', flags.only];
  await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      // Tests mostly wait for servers: two at a time use two cores, though Jest would leave one to itself.
      '--maxWorkers',
      String(Math.max(2, availableParallelism() - 1)),
      '--selectProjects',
      ...projects,
      ...only,
    ],
    { TILLCAST_TEST_SERVICES: addresses, TILLCAST_TEST_COUNTS: counts },
  );
  const seen = JSON.parse(readFileSync(counts, 'utf8')) as Counts;
  total.passed += seen.passed;
  total.failed += seen.failed;
  total.skipped += seen.skipped;
  if (seen.passed + seen.failed === 0) throw new Error('no test ran');
}

function run(program: string, args: string[], env: Record<string, string>): Promise<number> {
  stop.signal.throwIfAborted();
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
      shell: process.platform === 'win32' && program === 'npm',
    });
    running.add(child);
    child.once('error', fail);
    child.once('exit', (code) => {
      running.delete(child);
      done(code ?? 1);
    });
  });
}
