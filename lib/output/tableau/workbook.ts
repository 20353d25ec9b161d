import { type Html, xml } from '../../core/markup.ts';
import type { CsvName } from './columns.ts';
import { type Dashboard, dashboardXml } from './dashboard.ts';
import { workbookSource } from './dataSource.ts';
import { field } from './field.ts';
import { guidOf } from './guid.ts';
import { fieldsOf, type Sheet, worksheet } from './sheet.ts';
import { dataQuality } from './sheets/dataQuality.ts';
import { forecastAccuracy } from './sheets/forecastAccuracy.ts';
import { forecastPerDay } from './sheets/forecastPerDay.ts';
import { forecastWithBand } from './sheets/forecastWithBand.ts';
import { itemByHour } from './sheets/itemByHour.ts';
import { lowestItemInsight } from './sheets/lowestItemInsight.ts';
import { lowestItems } from './sheets/lowestItems.ts';
import { quantityTrends } from './sheets/quantityTrends.ts';
import { salesByStore } from './sheets/salesByStore.ts';
import { topItems } from './sheets/topItems.ts';
import { transactions } from './sheets/transactions.ts';

export const sheets: readonly Sheet[] = [
  ...[salesByStore, topItems, forecastPerDay, forecastWithBand, quantityTrends, lowestItems, lowestItemInsight],
  ...[itemByHour, transactions, forecastAccuracy, dataQuality],
];

export const dashboards: readonly Dashboard[] = [
  {
    name: 'Sales Dashboard',
    sheets: [salesByStore, topItems],
    controls: [
      { kind: 'filter', sheet: salesByStore, of: field('combined', 'store_name') },
      { kind: 'filter', sheet: salesByStore, of: field('combined', 'business_date') },
      { kind: 'color', sheet: salesByStore, of: field('combined', 'action') },
    ],
  },
  {
    name: 'Forecasting and Trends',
    sheets: [forecastWithBand, forecastPerDay, quantityTrends],
    controls: [
      { kind: 'filter', sheet: forecastWithBand, of: field('forecast', 'level') },
      { kind: 'filter', sheet: forecastWithBand, of: field('forecast', 'store_id') },
      { kind: 'filter', sheet: forecastWithBand, of: field('forecast', 'item_id') },
      { kind: 'filter', sheet: quantityTrends, of: field('sales_daily', 'item_id') },
    ],
  },
  {
    name: 'Lowest Quantity Insight',
    sheets: [lowestItems, lowestItemInsight],
    controls: [{ kind: 'color', sheet: lowestItemInsight, of: field('combined', 'action') }],
  },
];

/** Spellings of the 18.1 format that this file uses, so that old and new Tableau open it (as a workbook of 2024.2 lists them). */
const features = [
  ...['IntuitiveSorting', 'IntuitiveSorting_SP2', 'SetMembershipControl', 'SheetIdentifierTracking'],
  ...['SortTagCleanup', 'WindowsPersistSimpleIdentifiers'],
];

/** CSVs that the workbook's sheets read. */
export function workbookCsvs(): CsvName[] {
  return [...new Set(sheets.flatMap(fieldsOf).map(({ csv }) => csv))].sort();
}

/** The workbook. `directory`: where its CSVs are, seen from it: '' beside it, `Data` in a package. */
export function workbookFile(directory: '' | 'Data' = ''): string {
  const body = xml`<workbook original-version='18.1' source-build='0.0.0 (0000.0.0.0)' source-platform='win' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
<document-format-change-manifest>${features.map((feature) => xml`<${feature} />`)}</document-format-change-manifest>
<preferences />
<datasources>
${workbookCsvs().map((csv) => workbookSource(csv, directory))}</datasources>
<worksheets>
${sheets.map(worksheet)}</worksheets>
<dashboards>
${dashboards.map(dashboardXml)}</dashboards>
${windows()}</workbook>`;
  return `<?xml version='1.0' encoding='utf-8' ?>\n${body.markup}\n`;
}

/** One window a sheet and dashboard, just one of them maximized: without them Tableau does not open the file (bi.md 2.2). */
function windows(): Html {
  const inDashboards = new Set(dashboards.flatMap((dashboard) => dashboard.sheets));
  const zoom = xml`<zoom type='entire-view' />`;
  return xml`<windows source-height='30'>
${dashboards.map(
  ({ name, sheets: own }, at) =>
    xml`<window class='dashboard'${at === 0 ? xml` maximized='true'` : null} name='${name}'><viewpoints>${own.map((sheet) => xml`<viewpoint name='${sheet.name}'>${zoom}</viewpoint>`)}</viewpoints><active id='-1' /><simple-id uuid='${guidOf(`window ${name}`)}' /></window>
`,
)}${sheets.map(
  (sheet) =>
    xml`<window class='worksheet'${inDashboards.has(sheet) ? xml` hidden='true'` : null} name='${sheet.name}'><cards /><simple-id uuid='${guidOf(`window ${sheet.name}`)}' /></window>
`,
)}</windows>
`;
}
