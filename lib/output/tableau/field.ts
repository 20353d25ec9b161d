import { type Html, xml } from '../../core/markup.ts';
import { type Column, type CsvName, columnOf } from './columns.ts';
import { type Calculation, calculationColumn, calculations, sourceColumn, sourceName } from './dataSource.ts';

/** How a field stands on a shelf; names and letters are Tableau's. */
const derivations = {
  none: 'None',
  sum: 'Sum',
  max: 'Max',
  avg: 'Avg',
  tdy: 'Day-Trunc',
  tmn: 'Month-Trunc',
} as const;
export type Derivation = keyof typeof derivations;

/** A field of one source, as it is used in one sheet. */
export type Field = Readonly<{
  csv: CsvName;
  column: Column | Calculation;
  derivation: Derivation;
  /** A field of Tableau's own forecast: a measure that goes on as estimates, or what tells the two apart. */
  forecast?: 'value' | 'indicator' | undefined;
}>;

/** @example field('combined', 'units_sold', 'sum') @throws Error for a column that the CSV does not have */
export function field(csv: CsvName, name: string, derivation: Derivation = 'none'): Field {
  const calculated = calculations[csv]?.find((calculation) => calculation.name === name);
  return { csv, column: calculated ?? columnOf(csv, name), derivation };
}

/** A summed measure that Tableau's own forecast goes on with. */
export function forecastValue(of: Field): Field {
  return { ...of, forecast: 'value' };
}

/** Actual or Estimate, in a sheet with Tableau's own forecast. */
export function forecastIndicator(csv: CsvName): Field {
  const column = { name: 'Forecast Indicator', type: 'string', use: 'text' } as const;
  return { csv, column, derivation: 'none', forecast: 'indicator' };
}

function kindOf({ column, derivation }: Field): 'nominal' | 'ordinal' | 'quantitative' {
  if (derivation !== 'none') return 'quantitative';
  if (column.use === 'sum' || column.use === 'state') return 'quantitative';
  return column.use === 'text' || column.use === 'flag' ? 'nominal' : 'ordinal';
}

const letters = { nominal: 'nk', ordinal: 'ok', quantitative: 'qk' } as const;

/** The field's name in its source. @example '[sum:units_sold:qk]' */
export function instanceName(of: Field): string {
  return `[${of.forecast === 'value' ? 'fVal:' : ''}${of.derivation}:${of.column.name}:${letters[kindOf(of)]}]`;
}

/** Its whole name, for shelves, filters and encodings. */
export function qualified(of: Field): string {
  return `[${sourceName(of.csv)}].${instanceName(of)}`;
}

/** What a sheet or a dashboard must say of the fields it uses: their columns, then how each is used. */
export function dependencies(fields: readonly Field[]): Html[] {
  return [...new Set(fields.map(({ csv }) => csv))].map((csv) => {
    const used = fields.filter((one) => one.csv === csv);
    // A forecast stands on the measure that it goes on with.
    const own = used.flatMap((one) => (one.forecast === 'value' ? [one, { ...one, forecast: undefined }] : [one]));
    const named = own.filter(({ forecast }) => forecast !== 'indicator');
    const columns = new Map(named.map(({ column }) => [column.name, column]));
    // A calculation needs the columns of its formula.
    for (const column of [...columns.values()]) {
      if (!('formula' in column)) continue;
      for (const [, name] of column.formula.matchAll(/\[(\w+)\]/g)) columns.set(name ?? '', columnOf(csv, name ?? ''));
    }
    const instances = new Map(own.map((one) => [instanceName(one), one]));
    return xml`<datasource-dependencies datasource='${sourceName(csv)}'>
${[...columns.values()].map((column) => ('formula' in column ? calculationColumn(column) : sourceColumn(column)))}${[...instances.values()].map(instance)}</datasource-dependencies>
`;
  });
}

function instance(of: Field): Html {
  const base = of.forecast === 'indicator' ? '[Forecast Indicator]' : instanceName({ ...of, forecast: undefined });
  const forecast =
    of.forecast === undefined
      ? null
      : xml` forecast-column-base='${base}' forecast-column-type='forecast-${of.forecast}'`;
  return xml`<column-instance column='[${of.column.name}]' derivation='${derivations[of.derivation]}'${forecast} name='${instanceName(of)}' pivot='key' type='${kindOf(of)}' />
`;
}

/** The sources of these fields, as sheets and dashboards list them. */
export function sourcesOf(fields: readonly Field[]): Html {
  const csvs = [...new Set(fields.map(({ csv }) => csv))];
  return xml`<datasources>${csvs.map((csv) => xml`<datasource caption='${csv}' name='${sourceName(csv)}' />`)}</datasources>`;
}
