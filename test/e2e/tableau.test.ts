import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { captionOf, csvColumns, type DataType } from '../../lib/output/tableau/columns.ts';
import { companions, writeCompanions } from '../../lib/output/tableau/companions.ts';
import { packagedName, writePackagedWorkbook } from '../../lib/output/tableau/packagedWorkbook.ts';
import { workbookCsvs } from '../../lib/output/tableau/workbook.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes, counts, mixedLines } from './dataFixture.ts';

let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  const { change, count } = mixedLines(3, 600);
  dataset.write('inventory_change_a.csv', changes(...change, '{bad},100,1,not a date,-1,1'));
  dataset.write('inventory_snapshot_a.csv', counts(...count));
  dataset.write(
    'item.csv',
    'item_id,name,supplier_id,safety_stock_quantity\n100,Kettle,9,10\n101,"A ""mug"", blue",9,20\n',
  );
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
});
afterAll(async () => {
  await dataset?.close();
});

const at = (name: string) => join(dataset.outputDir, name);

/** What Tableau and Power Query read of a text as this type. */
const forms: Readonly<Record<DataType, RegExp>> = {
  integer: /^-?\d+$/,
  real: /^-?\d+(\.\d+)?$/,
  string: /^/,
  date: /^\d{4}-\d\d-\d\d$/,
  datetime: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
  boolean: /^(true|false)$/,
};

describe('beside the CSVs of a run', () => {
  test.each(Object.keys(csvColumns) as (keyof typeof csvColumns)[])(
    '%s.csv has just the columns of its data source, each value of its type',
    (csv) => {
      const header = dataset
        .text(`${csv}.csv`)
        .replace(/^\ufeff/, '')
        .split('\n')[0];
      expect(header).toBe(csvColumns[csv].map(({ name }) => name).join(','));
      for (const row of dataset.rows(`${csv}.csv`)) {
        for (const { name, type } of csvColumns[csv]) {
          const value = row[name] ?? 'MISSING';
          if (value !== '')
            expect([csv, captionOf(name), value]).toEqual([csv, captionOf(name), expect.stringMatching(forms[type])]);
        }
      }
    },
  );

  test('each CSV has its data source, and the workbook stands there', () => {
    for (const [name, text] of companions())
      expect([name, readFileSync(at(name), 'utf8') === text]).toEqual([name, true]);
    const sources = readdirSync(dataset.outputDir).filter((name) => name.endsWith('.tds'));
    const csvs = readdirSync(dataset.outputDir).filter((name) => name.endsWith('.csv'));
    expect(sources.map((name) => name.replace('.tds', '.csv'))).toEqual(csvs);
  });

  test('what a person saved is never written over: a newer file stands beside it, once, and the run says so', async () => {
    const memory = at('.tillcast-tableau.json');
    const known = JSON.parse(readFileSync(memory, 'utf8'));
    writeFileSync(at('retail_pos.twb'), '<workbook>saved by a person</workbook>');
    rmSync(at('forecast.tds'));
    // The same version of tillcast has nothing newer to offer.
    expect(await writeCompanions(dataset.outputDir)).toEqual({ written: ['forecast.tds'], beside: [] });
    // A later version would: the one that wrote these files made another text.
    writeFileSync(memory, JSON.stringify({ ...known, 'retail_pos.twb': '00000000' }));
    dataset.write('inventory_change_b.csv', changes('{more},100,1,5/28/2025 12:00,-1,1'));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
    expect(readFileSync(at('retail_pos.twb'), 'utf8')).toContain('saved by a person');
    const beside = readdirSync(dataset.outputDir).filter((name) => /^retail_pos\.[0-9a-f]{8}\.twb$/.test(name));
    expect(beside).toHaveLength(1);
    expect(readFileSync(at(beside[0] ?? ''), 'utf8')).toBe(companions().get('retail_pos.twb'));
    expect(dataset.said.join('\n')).toContain(`${beside[0]} stands beside the file that a person saved`);
    expect(await writeCompanions(dataset.outputDir)).toEqual({ written: [], beside: [] });
    // Without the memory what stands is taken for a person's, too.
    rmSync(memory);
    expect((await writeCompanions(dataset.outputDir)).written).toEqual([]);
    expect(readFileSync(at('retail_pos.twb'), 'utf8')).toContain('saved by a person');
    const { written, beside: kept } = await writeCompanions(dataset.outputDir, true);
    expect([written, kept]).toEqual([
      ['retail_pos.twb'],
      [expect.stringMatching(/^retail_pos\.saved-[0-9a-f]{8}\.twb$/)],
    ]);
    expect(readFileSync(at(kept[0] ?? ''), 'utf8')).toContain('saved by a person');
  });

  test('the packaged workbook holds the workbook and the CSVs that it reads, byte for byte', async () => {
    const packed: string[] = [];
    const bytes = await writePackagedWorkbook(dataset.outputDir, (name) => packed.push(name));
    const file = readFileSync(at(packagedName));
    expect([bytes, packed]).toEqual([file.length, workbookCsvs().map((csv) => `${csv}.csv`)]);
    const entries = unzipSync(file);
    expect(Object.keys(entries)).toEqual(['retail_pos.twb', ...packed.map((name) => `Data/${name}`)]);
    for (const name of packed) {
      expect([name, Buffer.from(entries[`Data/${name}`] ?? []).equals(readFileSync(at(name)))]).toEqual([name, true]);
    }
    expect(Buffer.from(entries['retail_pos.twb'] ?? []).toString()).toContain(
      "directory='Data' filename='combined.csv'",
    );
    expect(existsSync(at(`${packagedName}.next`))).toBe(false);
  });
});
