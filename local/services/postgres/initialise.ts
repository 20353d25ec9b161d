import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../processes.ts';
import { run } from '../run.ts';
import type { Context } from '../types.ts';

/**
 * Makes `<folder>/data` with the role and the database `tillcast`; the role's password stands in `<folder>/password`. Made beside and renamed: a start that was cut off
 * leaves nothing half-made. Locale C, so that text sorts by bytes as it does in Docker's (docker-compose.yml).
 */
export async function initialise(
  { signal }: Context,
  at: { folder: string; programs: string; owner: Owner | undefined },
): Promise<void> {
  const fresh = join(at.folder, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  const options = { signal, timeoutMs: 120_000, cwd: at.folder, owner: at.owner, env: { LC_ALL: 'C' } };
  const shape = ['-U', 'tillcast', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  const access = ['-A', 'scram-sha-256', `--pwfile=${join(at.folder, 'password')}`];
  await run(join(at.programs, 'bin', 'initdb'), ['-D', fresh, ...shape, ...access], options);
  // The jar has no createdb: the server's single-user mode takes the statement from standard input.
  await run(join(at.programs, 'bin', 'postgres'), ['--single', '-D', fresh, 'postgres'], {
    ...options,
    input: 'CREATE DATABASE tillcast;\n',
  });
  renameSync(fresh, join(at.folder, 'data'));
}
