import { type Html, xml } from '../../core/markup.ts';
import { type Column, type CsvName, captionOf, csvColumns, type DataType } from './columns.ts';

/** A calculated field; its formula names columns in brackets. */
export type Calculation = Readonly<{
  name: string;
  caption: string;
  type: DataType;
  use: Column['use'];
  formula: string;
}>;

/** Calculated fields of a workbook's sources; a `.tds` has them too, so that a new sheet can use them. */
export const calculations: Readonly<Partial<Record<CsvName, readonly Calculation[]>>> = {
  forecast: [{ name: 'band_width', caption: 'Band Width', type: 'real', use: 'state', formula: '[upper] - [lower]' }],
  forecast_accuracy: [
    { name: 'all_months', caption: 'All Months Together', type: 'boolean', use: 'flag', formula: 'ISNULL([month])' },
  ],
};

/** The name of a CSV's source in a workbook. */
export const sourceName = (csv: CsvName) => `federated.${csv}`;

/** OLE DB's numbers of types, as Tableau writes them. */
const remoteTypes: Readonly<Record<DataType, number>> = {
  string: 129,
  integer: 20,
  real: 5,
  datetime: 135,
  date: 133,
  boolean: 11,
};
const parseFormats: Readonly<Partial<Record<DataType, string>>> = {
  datetime: 'yyyy-MM-dd HH:mm:ss',
  date: 'yyyy-MM-dd',
};

/** The parts of a source that a workbook and a `.tds` share. `directory`: beside the file, or `Data` in a package. */
function parts(csv: CsvName, directory: string): Html {
  const file = `${csv}.csv`;
  const columns: readonly Column[] = csvColumns[csv];
  return xml`
<connection class='federated'>
<named-connections><named-connection caption='${csv}' name='textscan.${csv}'><connection class='textscan' directory='${directory}' filename='${file}' password='' server='' /></named-connection></named-connections>
<relation connection='textscan.${csv}' name='${file}' table='[${csv}#csv]' type='table'><columns character-set='UTF-8' header='yes' locale='en_US' separator=',' text-qualifier='&quot;'>
${columns.map(relationColumn)}</columns></relation>
<metadata-records>
${columns.map((column, ordinal) => metadataRecord(column, ordinal, file))}</metadata-records>
</connection>
<aliases enabled='yes' />
${(calculations[csv] ?? []).map(calculationColumn)}${columns.map(sourceColumn)}<layout dim-ordering='alphabetic' measure-ordering='alphabetic' show-structure='true' />
`;
}

/** A source as part of a workbook. */
export function workbookSource(csv: CsvName, directory: string): Html {
  return xml`<datasource caption='${csv}' inline='true' name='${sourceName(csv)}' version='18.1'>${parts(csv, directory)}</datasource>
`;
}

/** A source as a file of its own (`.tds`). */
export function dataSourceFile(csv: CsvName): string {
  return `<?xml version='1.0' encoding='utf-8' ?>
${
  xml`<datasource formatted-name='${sourceName(csv)}' inline='true' source-platform='win' version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>${parts(csv, '')}</datasource>`
    .markup
}
`;
}

function relationColumn({ name, type }: Column, ordinal: number): Html {
  const format = parseFormats[type];
  return xml`<column datatype='${type}'${format === undefined ? null : xml` date-parse-format='${format}'`} name='${name}' ordinal='${ordinal}' />
`;
}

function metadataRecord({ name, type, use }: Column, ordinal: number, file: string): Html {
  const aggregation = use === 'time' ? 'Year' : use === 'sum' || use === 'state' ? 'Sum' : 'Count';
  return xml`<metadata-record class='column'><remote-name>${name}</remote-name><remote-type>${remoteTypes[type]}</remote-type><local-name>[${name}]</local-name><parent-name>[${file}]</parent-name><remote-alias>${name}</remote-alias><ordinal>${ordinal}</ordinal><local-type>${type}</local-type><aggregation>${aggregation}</aggregation><contains-null>true</contains-null></metadata-record>
`;
}

/** A column as the data pane shows it: its caption, whether it is a measure, and how it is added up unless told otherwise. */
export function sourceColumn({ name, type, use }: Column): Html {
  return xml`<column ${shape(captionOf(name), type, use, name)} />
`;
}

export function calculationColumn({ name, caption, type, use, formula }: Calculation): Html {
  return xml`<column ${shape(caption, type, use, name)}><calculation class='tableau' formula='${formula}' /></column>
`;
}

function shape(caption: string, type: DataType, use: Column['use'], name: string): Html {
  const measure = use === 'sum' || use === 'state';
  const aggregation = use === 'state' ? xml`aggregation='Max' ` : null;
  const format = measure ? xml`default-format='${type === 'integer' ? '#,##0' : '#,##0.0'}' ` : null;
  const kind = measure ? 'quantitative' : use === 'text' || use === 'flag' ? 'nominal' : 'ordinal';
  return xml`${aggregation}caption='${caption}' datatype='${type}' ${format}name='[${name}]' role='${measure ? 'measure' : 'dimension'}' type='${kind}'`;
}
