import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readRunInfo } from '../../../lib/output/outputFolder.ts';
import { type RunInfo, utcText, writeRunInfo } from '../../../lib/output/runInfo.ts';

const root = await mkdtemp(join(tmpdir(), 'tillcast-run-info-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const info: RunInfo = {
  run_id: '20261105T0900Z',
  as_of_utc: '2026-11-05 08:59:00',
  dataset: 'main',
  state: 'complete',
  status: 'succeeded',
  reason: '',
  trigger: 'clock',
  slot: '2026-11-05 09:00:00',
  covers: '1',
  opened_at_utc: '2026-11-05 09:00:01',
  published_at_utc: '2026-11-05 09:00:09',
  files: 3,
  files_refused: 0,
  rows_read: 10,
  rows_new: 7,
  rows_duplicate: 2,
  rows_rejected: 1,
  pairs_changed: 5,
  forecast_month: '2026-12-01',
};

describe('writeRunInfo', () => {
  test('writes one row in the order of the contract, run_id and as_of_utc last, and nothing beside it', async () => {
    await writeRunInfo(root, info, 'auto');
    expect(await readFile(join(root, 'run_info.csv'), 'utf8')).toBe(
      'dataset,state,status,reason,trigger,slot,covers,opened_at_utc,published_at_utc,files,files_refused,rows_read,' +
        'rows_new,rows_duplicate,rows_rejected,pairs_changed,forecast_month,run_id,as_of_utc\n' +
        'main,complete,succeeded,,clock,2026-11-05 09:00:00,1,2026-11-05 09:00:01,2026-11-05 09:00:09,3,0,10,' +
        '7,2,1,5,2026-12-01,20261105T0900Z,2026-11-05 08:59:00\n',
    );
    expect(await readdir(root)).toEqual(['run_info.csv']);
  });

  test('keeps a reason of several lines, commas and quotes on one line', async () => {
    await writeRunInfo(root, { ...info, state: 'failed', reason: 'lost "it",\n  at\tline 2' }, 'auto');
    const text = await readFile(join(root, 'run_info.csv'), 'utf8');
    expect(text.split('\n').length).toBe(3);
    expect(await readRunInfo(root)).toMatchObject({ state: 'failed', reason: 'lost "it", at line 2' });
  });

  test.each(['auto', 'always', 'never'] as const)('names its dataset to the next run with CSV_BOM=%s', async (bom) => {
    await writeRunInfo(root, { ...info, reason: 'naïve' }, bom);
    expect(await readRunInfo(root)).toMatchObject({
      dataset: 'main',
      reason: 'naïve',
      as_of_utc: '2026-11-05 08:59:00',
    });
  });
});

test('utcText writes an instant as outputs do, nothing for none', () => {
  expect(utcText(new Date('2026-11-05T09:00:01.999Z'))).toBe('2026-11-05 09:00:01');
  expect(utcText(null)).toBe('');
});
