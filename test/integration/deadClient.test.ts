import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { openDatabase, query } from '../../lib/postgres/pool.ts';
import { testServices } from '../support/services.ts';

const { postgresUrl } = testServices();
const name = `tillcast:dead:${process.pid}`;
const statementSeconds = 100;

test('PostgreSQL ends the long statement of a killed process by itself, so that its run is known to be left', async () => {
  const db = openDatabase(postgresUrl, 'nobody', 'observer');
  const program = `import { openDatabase } from './lib/postgres/pool.ts';
    await openDatabase(${JSON.stringify(postgresUrl)}, 'nobody', '${name}').pool.query('SELECT pg_sleep(${statementSeconds})');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: 'inherit',
  });
  const backends = () =>
    query(db, `SELECT FROM pg_stat_activity WHERE application_name = $1 AND query LIKE '%pg_sleep%'`, [name]);
  /** Within half of what the statement would take by itself. */
  const until = async (count: number) => {
    for (let tries = 0; (await backends()).length !== count; tries += 1) {
      if (tries > statementSeconds * 5) throw new Error(`not ${count} backends of ${name}`);
      await sleep(100);
    }
  };
  try {
    await until(1);
    child.kill('SIGKILL');
    await until(0);
    expect(await backends()).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await db.close();
  }
});
