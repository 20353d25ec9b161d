import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { changes } from '../e2e/dataFixture.ts';
import { cleanLoad, dayLines, type Following, startFollowing, until } from '../e2e/followFixture.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let dataset: TestDataset;
let following: Following[] = [];

beforeEach(async () => {
  dataset = await openTestDataset({ PARTITIONS: '6' });
});

afterEach(async () => {
  for (const { child } of following) child.kill('SIGKILL');
  following = [];
  await dataset.close();
});

function start(env: Record<string, string> = {}): Following {
  const one = startFollowing(dataset, env);
  following.push(one);
  return one;
}

describe('npm run follow', () => {
  test.each(['before_commit', 'commit_sent', 'after_commit', 'after_send', 'mid_mirror', 'before_run_info'])(
    'killed at %s, the next one goes on and all figures are those of one clean load',
    async (point) => {
      dataset.write('inventory_change_1.csv', changes(...dayLines(1, '2026-01-05', 60)));
      const killed = start({ FAIL_AT: point });
      expect(await killed.ended).toEqual([null, 'SIGKILL']);
      appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${dayLines(1, '2026-01-06', 20).join('\n')}\n`);
      const next = start();
      await until('all rows published', async () => dataset.rows('combined.csv').length === 80, next.said);
      next.child.kill('SIGINT');
      expect(await next.ended).toEqual([0, null]);
      expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad(dataset));
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
    },
  );
});
