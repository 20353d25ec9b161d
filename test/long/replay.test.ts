import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { withAdmin } from '../../lib/kafka/topics.ts';
import { query } from '../../lib/postgres/pool.ts';
import { changes } from '../e2e/dataFixture.ts';
import { forgetQueues } from '../e2e/dataKillFixture.ts';
import { change, count, events, expectAllAgrees, openReplayed } from '../e2e/replayFixture.ts';
import { type CommandEnd, runCommandProcess } from '../support/commandProcess.ts';
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
const result = ({ stdout }: CommandEnd) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as object;
describe.each(['--from-files', '--from-kafka'])('replay %s', (way) => {
  test('gives the same data files, keeps ledger, past forecasts, names, rejects and withdrawn lines, and hours go on', async () => {
    const said = [{ level: 'total', month: '2025-03-01', made_for: '2025-02-20', units: '7' }];
    const pastForecasts = `SELECT level, month, made_for, units FROM forecast_history WHERE made_for = '2025-02-20'`;
    await query(
      dataset.pipeline.db,
      `INSERT INTO forecast_history (level, month, made_for, units) VALUES ('total', '2025-03-01', '2025-02-20', 7)`,
    );
    const before = dataFiles(dataset.outputDir);
    const rejects = dataset.rows('rejected_rows.csv').map(({ file, line, reason }) => [file, line, reason]);
    const end = await replay(way);
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('what was built beside is in place now')]);
    expect(result(end)).toMatchObject({ ok: true, events, lost: 0, found: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    expect(dataset.rows('rejected_rows.csv').map(({ file, line, reason }) => [file, line, reason])).toEqual(rejects);
    expect(await query(dataset.pipeline.db, pastForecasts)).toEqual(said);
    const runs = await query(dataset.pipeline.db, 'SELECT trigger, status, replayed FROM run ORDER BY run_seq');
    expect(runs).toMatchObject([
      { trigger: 'once', replayed: true },
      { trigger: 'once', replayed: true },
      { trigger: 'replay', status: 'succeeded', replayed: false },
    ]);
    const log = await query<{ line: string }>(
      dataset.pipeline.db,
      `SELECT line FROM run_log JOIN run USING (run_seq) WHERE trigger = 'replay' ORDER BY line_no`,
    );
    // What it said before the swap, at it and after it, each line once.
    const steps = log.flatMap(
      ({ line }) => /^(produce|read|apply|what was built|mirror|publish|commit)/.exec(line)?.[0] ?? [],
    );
    const halves = ['what was built', 'mirror', 'publish', 'commit'];
    expect(steps.slice(-4)).toEqual(halves);
    expect(steps.filter((step) => halves.includes(step))).toHaveLength(4);
    expect(steps.slice(0, -4)).toContain('apply');
    await expectAllAgrees(dataset);
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0, rows_rejected: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
  });
});

describe('replay', () => {
  test('mends what somebody changed in PostgreSQL by hand', async () => {
    const before = dataFiles(dataset.outputDir);
    await query(dataset.pipeline.db, 'UPDATE inventory_event SET quantity = quantity + 1 WHERE is_count');
    await query(dataset.pipeline.db, 'DELETE FROM store_item_day WHERE item_id = 101');
    expect((await replay('--from-kafka')).code).toBe(0);
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    await expectAllAgrees(dataset);
  });

  test('that would lose events says of which stores and swaps nothing, unless told to go without them', async () => {
    const before = dataFiles(dataset.outputDir);
    rmSync(join(dataset.inputDir, 'inventory_change_b.csv'));
    const refused = await replay('--from-files');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ETL_REPLAY_LOSS: the files lack')]);
    expect(refused.stderr).toContain('nothing was swapped');
    await expectAllAgreesAfterFailure(before);
    expect(result(await replay('--from-files', '--anyway'))).toMatchObject({ ok: true, lost: change.length - 80 });
    expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, events: 80 + count.length + 3 });
  });

  test('without the files of withdrawn lines counts no counter-events, and says that they wait until the lines are back', async () => {
    const content = readFileSync(join(dataset.inputDir, 'inventory_change_b.csv'));
    for (const name of ['a', 'b']) rmSync(join(dataset.inputDir, `inventory_change_${name}.csv`));
    expect(result(await replay('--from-files', '--anyway'))).toMatchObject({ ok: true, events: count.length });
    expect(dataset.rows('delta_quantity.csv')).toEqual([]);
    expect(dataset.rows('data_quality.csv')).toContainEqual(
      expect.objectContaining({ rule: 'withdrawal_waits', subject: 'inventory_change_a.csv', count: '3' }),
    );
    dataset.write('inventory_change_b.csv', content);
    expect(await dataset.hour()).toMatchObject({ rows_new: change.length });
    expect(await dataset.hour()).toMatchObject({ rows_new: 3 });
    await expectAllAgrees(dataset);
  });

  test('from a topic that lacks events reads the files again afterwards, whatever was read of them before', async () => {
    const before = dataFiles(dataset.outputDir);
    expect((await replay('--new-topic')).code).toBe(0);
    expect((await replay('--from-kafka')).stderr).toContain('ETL_REPLAY_LOSS: the topic lacks');
    expect(result(await replay('--from-kafka', '--anyway'))).toMatchObject({ events: 0, lost: events });
    // With no event left, the counter-events of withdrawn lines come with the lines.
    expect(await dataset.hour()).toMatchObject({ rows_new: events });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    await expectAllAgrees(dataset);
  });

  test('--new-topic goes on after the topic was lost: nothing is lost, and what was not applied is sent again', async () => {
    const { pipeline } = dataset;
    const lost = await pipeline.topic();
    // Sent, not applied, and then the topic goes: its rows are only in the file.
    const late = '{late},100,1,5/20/2025 9:00,-7,1';
    dataset.write('inventory_change_c.csv', changes(late));
    expect(await runCommandProcess(dataset, 'jobs/onceCommand.ts', [], { FAIL_AT: 'after_produce' })).toMatchObject({
      signal: 'SIGKILL',
    });
    await withAdmin(pipeline.kafka, (admin) => admin.deleteTopics({ topics: [lost] }));
    expect(await dataset.hour().catch((error: Error) => error.message)).toBeDefined();
    const end = await replay('--new-topic');
    expect([end.code, result(end)]).toEqual([0, { ok: true, topic: expect.stringMatching(/inventory_event\.r\d+$/) }]);
    expect(dataset.rows('combined.csv').filter(({ trans_id }) => trans_id === 'late')).toHaveLength(1);
    expect(await verify(pipeline, quiet)).toMatchObject({ ok: true, listed: [], events: events + 1 });
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0 });
  });

  test('needs one way, and says which there are', async () => {
    for (const args of [[], ['--from-files', '--from-kafka']]) {
      const { code, stderr } = await replay(...args);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('Say one of --from-files, --from-kafka and --new-topic'),
      ]);
    }
  });
});

async function expectAllAgreesAfterFailure(before: ReadonlyMap<string, string>): Promise<void> {
  // The failed run says so in run_info.csv; the files stay those of the run before.
  expect(dataset.rows('run_info.csv')).toMatchObject([{ status: 'failed', reason: expect.stringContaining('lack') }]);
  expect(dataFiles(dataset.outputDir)).toEqual(before);
  await expectAllAgrees(dataset);
}
