import { expect, test } from '@jest/globals';
import { openTestDataset } from '../support/dataset.ts';
import { exportHours } from '../../local/simulator/simulator.ts';

test('probe', async () => {
  const files = new Map<string, string>();
  let n = 0;
  for (const hour of exportHours({ stores: 3, items: 40, days: 20, rowsPerHour: 4, seed: 3, startDate: '2026-01-20' })) {
    n += hour.rows;
    for (const [name, text] of hour.files) files.set(name, (files.get(name) ?? '') + text);
  }
  console.log(n, [...files.keys()], [...files.values()].map((t) => t.slice(0, 200)));
  const t0 = performance.now();
  const d = await openTestDataset();
  const t1 = performance.now();
  for (const [name, text] of files) {
    const head = name.includes('change') ? 'trans_id,item_id,store_id,date_time,quantity,change_type_id' : 'item_id,employee_id,store_id,date_time,quantity';
    d.write(name, `${head}\r\n${text}`);
  }
  try {
    const s = await d.hour();
    const t2 = performance.now();
    const s2 = await d.hour();
    const t3 = performance.now();
    console.log(s, s2, d.said.join('\n'));
    console.log('open', t1 - t0, 'hour', t2 - t1, 'hour2', t3 - t2);
    await d.hour();
    const t4 = performance.now();
    await d.close();
    console.log('hour3', t4 - t3, 'close', performance.now() - t4);
  } catch (e) { await d.close(); throw e; }
  expect(1).toBe(1);
});
