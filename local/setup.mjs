// Runs one of the project's TypeScript programs on a fresh clone: node local/setup.mjs PROGRAM.ts [ARGUMENT ...]
// Plain JavaScript without dependencies, because it is what installs them. It says each step it takes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.tillcast-installed');

checkNode();
installPackages();
const [program = '', ...rest] = process.argv.slice(2);
const file = resolve(root, program);
process.argv.splice(1, process.argv.length, file, ...rest);
const { register } = await import('tsx/esm/api');
register();
await import(pathToFileURL(file).href);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `tillcast needs Node 20.19 or newer, this is ${process.versions.node}. Install a newer one, for example: nvm install 24`,
  );
}

/**
 * Installs what package-lock.json names, when it is another one than what was installed. Not `npm ci`: it refuses a
 * lockfile that lacks a foreign platform's optional binary, and registry mirrors do not hold all of them.
 */
function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing packages (npm install; once, and again when package-lock.json changes) …\n');
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (done.error) fail(`npm cannot be started (${done.error.message}): it comes with Node, is it on PATH?`);
  if (done.signal) process.exit(130);
  if (done.status !== 0)
    fail(
      'npm install failed; its message stands above. Mend it (network, registry, disk) and run the same command again',
    );
  writeFileSync(stamp, wanted);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
