import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseSettings } from '../../../config/settings.ts';
import { planningRules } from '../../../jobs/planningRules.ts';

const dir = mkdtempSync(join(tmpdir(), 'tillcast-planning-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const pair = { storeId: 3, supplierId: 'ACME', itemId: 100 };
const rulesOf = (text: string, env: Readonly<Record<string, string>> = {}) => {
  const path = join(dir, 'planning.csv');
  writeFileSync(path, text);
  return planningRules(parseSettings({ PLANNING_FILE: path, ...env }));
};

test('without a file the settings stand for all', async () => {
  const rules = await planningRules(parseSettings({ LEAD_TIME_DAYS: '5', SERVICE_LEVEL: '0.98' }));
  expect(rules.valuesOf(pair)).toEqual({ leadTimeDays: 5, reviewPeriodDays: 7, serviceLevel: 0.98, packSize: 1 });
  expect(rules.findings).toEqual([]);
});

test('a file with some of the columns, in any order, says its part', async () => {
  const { valuesOf, findings } = await rulesOf('Id,Scope,Lead_Time_Days\r\nACME,supplier,12\r\n', { PACK_SIZE: '6' });
  expect(valuesOf(pair)).toEqual({ leadTimeDays: 12, reviewPeriodDays: 7, serviceLevel: 0.95, packSize: 6 });
  expect(findings).toEqual([]);
});

test('bad lines are one finding, and the others stand', async () => {
  const { valuesOf, findings } = await rulesOf('scope,id,lead_time_days\nitem,100,soon\nitem,100\nstore,3,4\n');
  expect(valuesOf(pair).leadTimeDays).toBe(4);
  expect(findings).toEqual([
    {
      rule: 'planning_file',
      subject: 'planning.csv',
      severity: 'warning',
      count: 2,
      detail:
        'lines left out: line 2: lead_time_days expected a whole number from 0 to 365, or nothing, got "soon"; ' +
        'line 3: too few fields: expected 3, got 2, got "item,100"',
    },
  ]);
});

test('a file that is missing, or no such file, is an error with the next step', async () => {
  const missing = planningRules(parseSettings({ PLANNING_FILE: join(dir, 'none.csv') }));
  await expect(missing).rejects.toMatchObject({
    code: 'ETL_CONFIG',
    message: expect.stringContaining('unset PLANNING_FILE'),
  });
  await expect(rulesOf('item_id,days\n1,2\n')).rejects.toMatchObject({
    code: 'ETL_CONFIG',
    message: expect.stringContaining('the header lacks scope, id'),
  });
});

test('the fingerprint changes with what is said, and not with what is not', async () => {
  const of = async (text: string) => (await rulesOf(text)).fingerprint;
  const before = await of('scope,id,lead_time_days\nstore,3,4\n');
  expect(await of('scope,id,lead_time_days,pack_size\nstore,03,4,\n')).toBe(before);
  expect(await of('scope,id,lead_time_days\nstore,3,5\n')).not.toBe(before);
});
