import { describe, expect, test } from '@jest/globals';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { captionOf, csvColumns } from '../../../lib/output/tableau/columns.ts';
import { companions } from '../../../lib/output/tableau/companions.ts';
import { dataSourceFile } from '../../../lib/output/tableau/dataSource.ts';
import { field } from '../../../lib/output/tableau/field.ts';
import { dashboards, sheets, workbookCsvs, workbookFile } from '../../../lib/output/tableau/workbook.ts';
import { schemaErrors } from '../../support/tableauSchema.ts';

const csvs = Object.keys(csvColumns) as (keyof typeof csvColumns)[];

function parsed(text: string) {
  const faults: string[] = [];
  const onError = (_level: string, message: string) => faults.push(message);
  const document = new DOMParser({ onError }).parseFromString(text, 'text/xml');
  expect(faults).toEqual([]);
  return document;
}

const all = (of: { getElementsByTagName(name: string): ArrayLike<Element> }, name: string) =>
  Array.from(of.getElementsByTagName(name));
const attribute = (name: string) => (element: Element) => element.getAttribute(name) ?? '';

describe('the workbook', () => {
  const workbook = parsed(workbookFile());
  const sources = new Map(
    all(all(workbook, 'datasources')[0] as Element, 'datasource').map((source) => [attribute('name')(source), source]),
  );

  test.each(['', 'Data'] as const)('is valid by the official schema (CSVs in "%s")', async (directory) => {
    expect(await schemaErrors(workbookFile(directory))).toEqual([]);
  });

  test('has the eight sheets of the ancestors, three dashboards, and those for band, accuracy and data quality', () => {
    expect(sheets.map(({ name }) => name)).toEqual([
      ...['Sales by Store', 'Top Items by Sales', 'Forecast of Sales per Day', 'Forecast with Band'],
      ...['Final Quantity Trends by Item', 'Items with Lowest Inventory', 'Lowest Inventory Item Insight'],
      ...['Total Item View By Hour', 'History of Transaction IDs', 'Forecast Accuracy', 'Data Quality'],
    ]);
    expect(dashboards.map(({ name }) => name)).toEqual([
      ...['Sales Dashboard', 'Forecasting and Trends', 'Lowest Quantity Insight'],
    ]);
    const windows = all(workbook, 'window');
    expect(windows.map(attribute('name')).sort()).toEqual([...sheets, ...dashboards].map(({ name }) => name).sort());
    expect(windows.filter((window) => attribute('maximized')(window) === 'true')).toHaveLength(1);
  });

  test('names each field where its source has it, and shows only what a sheet declares', () => {
    for (const sheet of all(workbook, 'worksheet')) {
      const declared = new Set<string>();
      for (const of of all(sheet, 'datasource-dependencies')) {
        const source = sources.get(attribute('datasource')(of));
        const columns = new Set(all(source as Element, 'column').map(attribute('name')));
        for (const column of all(of, 'column')) expect(columns).toContain(attribute('name')(column));
        for (const one of all(of, 'column-instance')) {
          if (attribute('forecast-column-type')(one) !== 'forecast-indicator') {
            expect(columns).toContain(attribute('column')(one));
          }
          declared.add(`[${attribute('datasource')(of)}].${attribute('name')(one)}`);
        }
      }
      const shelves = [...all(sheet, 'rows'), ...all(sheet, 'cols')].map((shelf) => shelf.textContent ?? '').join(' ');
      const used = [
        ...(shelves.match(/\[[^\]]+\]\.\[[^\]]+\]/g) ?? []),
        ...all(sheet, 'filter').map(attribute('column')),
        ...all(sheet, 'encodings').flatMap((encodings) =>
          Array.from(encodings.childNodes).map((child) => attribute('column')(child as Element)),
        ),
      ];
      expect(used.length).toBeGreaterThan(1);
      for (const name of used)
        expect([attribute('name')(sheet), name, declared.has(name)]).toEqual([attribute('name')(sheet), name, true]);
    }
  });

  test('dashboards show sheets that are there', () => {
    const names = new Set(sheets.map(({ name }) => name));
    const shown = all(workbook, 'zone')
      .map(attribute('name'))
      .filter((name) => name !== '');
    expect(shown.length).toBeGreaterThan(6);
    expect(shown.filter((name) => !names.has(name))).toEqual([]);
  });

  test('reads CSVs beside itself, and nothing of this machine', () => {
    const connections = all(workbook, 'connection').filter((one) => attribute('class')(one) === 'textscan');
    expect(connections.map((one) => [attribute('directory')(one), attribute('filename')(one)])).toEqual(
      workbookCsvs().map((csv) => ['', `${csv}.csv`]),
    );
    expect(workbookFile()).toBe(workbookFile());
  });

  test('holds no value of anybody’s data: no item, store or receipt by its number', () => {
    const members = all(workbook, 'groupfilter')
      .map(attribute('member'))
      .filter((member) => member !== '');
    expect([...new Set(members)].sort()).toEqual([
      ...['"actual"', '"all"', '"bopis"', '"next_month"', '"planning"', '"sale"', '"total"', 'true'],
    ]);
  });
});

describe('a data source', () => {
  test.each(csvs)('%s.tds tells the type, place and role of each column', (csv) => {
    const source = parsed(dataSourceFile(csv));
    const relation = all(all(source, 'relation')[0] as Element, 'column');
    expect(relation.map((column) => [attribute('name')(column), attribute('datatype')(column)])).toEqual(
      csvColumns[csv].map(({ name, type }) => [name, type]),
    );
    expect(relation.map(attribute('ordinal'))).toEqual(csvColumns[csv].map((_, at) => String(at)));
    const dates = relation.filter((column) => attribute('datatype')(column) === 'date');
    expect(dates.every((column) => attribute('date-parse-format')(column) === 'yyyy-MM-dd')).toBe(true);
    const records = all(source, 'metadata-record').map((one) => all(one, 'remote-name')[0]?.textContent);
    expect(records).toEqual(csvColumns[csv].map(({ name }) => name));
  });

  test('what must not be summed is a maximum unless told otherwise', () => {
    const states = (csv: keyof typeof csvColumns) =>
      all(parsed(dataSourceFile(csv)), 'column')
        .filter((column) => attribute('aggregation')(column) === 'Max')
        .map(attribute('name'));
    expect(states('combined')).toEqual([
      ...['[final_quantity]', '[forecast_units_linear]', '[forecast_units]', '[forecast_lower]', '[forecast_upper]'],
      '[low_stock_rank]',
    ]);
    expect(states('forecast')).toEqual(['[band_width]', '[units]', '[lower]', '[upper]']);
    expect(states('sales_daily')).toEqual(['[closing_quantity]']);
  });

  test('captions are for people', () => {
    expect(['item_id', 'date_time_utc', 'upper', 'wape', 'units_sold'].map(captionOf)).toEqual([
      ...['Item ID', 'Date Time UTC', 'Upper Prediction Interval', 'WAPE', 'Units Sold'],
    ]);
  });

  test('a column that a CSV does not have stops the one who names it', () => {
    expect(() => field('combined', 'price', 'sum')).toThrow('combined.csv has no column price');
  });
});

test('files beside the CSVs: a workbook, a source for each CSV, a query', () => {
  expect([...companions().keys()]).toEqual(['retail_pos.twb', ...csvs.map((csv) => `${csv}.tds`), 'retail_pos.pq']);
  expect(companions().get('retail_pos.pq')).toContain('{"units_sold", Int64.Type}');
});
