import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { forgetQueues } from '../e2e/dataKillFixture.ts';
import { events, expectAllAgrees, openReplayed } from '../e2e/replayFixture.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';

const quiet = () => undefined;
let dataset: TestDataset;

beforeEach(async () => {
  dataset = await openReplayed();
});
afterEach(async () => {
  await forgetQueues(dataset);
  await dataset.close();
});

const replay = (...args: string[]) => runCommandProcess(dataset, 'jobs/replayCommand.ts', args);
const killedReplay = (point: string) =>
  runCommandProcess(dataset, 'jobs/replayCommand.ts', ['--from-files'], { FAIL_AT: point });

describe('replay', () => {
  test.each([
    ['before the swap leaves the present state, and the next hour goes on', 'after_read'],
    ['after the swap is finished by the next start', 'mid_mirror'],
  ])('killed %s', async (_, point) => {
    const before = dataFiles(dataset.outputDir);
    expect(await killedReplay(point)).toMatchObject({ signal: 'SIGKILL' });
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, listed: [], events });
    expect((await replay('--from-files')).code).toBe(0);
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    await expectAllAgrees(dataset);
  });
});
