import { type Column, type CsvName, csvColumns, type DataType } from './columns.ts';

const types: Readonly<Record<DataType, string>> = {
  integer: 'Int64.Type',
  real: 'type number',
  string: 'type text',
  date: 'type date',
  datetime: 'type datetime',
  boolean: 'type logical',
};

/**
 * A query for Power BI and Excel (Power Query, M): all CSVs of one folder with their types, whatever the machine's language.
 * The result is a record with a table for each file.
 */
export function powerQuery(): string {
  const names = Object.keys(csvColumns) as CsvName[];
  return `// tillcast for Power Query (Power BI, Excel): paste into a blank query's Advanced Editor and name the folder.
let
  // The folder of the CSVs, with the separator at its end.
  Folder = "C:\\tillcast\\output\\",
  Read = (file as text, types as list) as table =>
    let
      Text = Csv.Document(File.Contents(Folder & file), [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
      Rows = Table.PromoteHeaders(Text, [PromoteAllScalars = true]),
      Nulls = Table.ReplaceValue(Rows, "", null, Replacer.ReplaceValue, Table.ColumnNames(Rows)),
      // By name: a column that a later tillcast adds stays text and breaks nothing.
      Known = List.Select(types, each List.Contains(Table.ColumnNames(Rows), _{0}))
    in
      Table.TransformColumnTypes(Nulls, Known, "en-US")
in
  [
${names.map((csv) => `    ${csv} = Read("${csv}.csv", {${csvColumns[csv].map(typePair).join(', ')}})`).join(',\n')}
  ]
`;
}

function typePair({ name, type }: Column): string {
  return `{"${name}", ${types[type]}}`;
}
