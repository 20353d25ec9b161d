import { type Html, xml } from '../../core/markup.ts';
import { dependencies, type Field, qualified, sourcesOf } from './field.ts';
import { type Filter, filterXml } from './filter.ts';
import { guidOf } from './guid.ts';

export type Mark = 'Automatic' | 'Bar' | 'Line' | 'Square' | 'Text' | 'GanttBar' | 'Circle';
type Encoding = 'color' | 'size' | 'text' | 'lod' | 'tooltip';

/** One layer of marks; `axis`: the measure on whose axis it stands, where there are several. */
export type Pane = Readonly<{
  mark: Mark;
  axis?: Readonly<{ on: 'x' | 'y'; of: Field }>;
  show?: readonly (readonly [Encoding, Field])[];
}>;

/** A shelf's expression from fields: `/` nests, `+` stands side by side. */
export type Shelf = Readonly<{ fields: readonly Field[]; join: '/' | '+' | '*' }>;

export type Sheet = Readonly<{
  name: string;
  rows: Shelf;
  cols: Shelf;
  panes: readonly Pane[];
  filters?: readonly Filter[];
  /** Members of a field in the order of a measure. */
  sort?: Readonly<{ of: Field; by: Field; direction: 'ASC' | 'DESC' }>;
  trendLine?: boolean;
  /** Tableau's own forecast of so many days ahead, of the fields that field.ts makes for it. */
  ownForecastDays?: number;
}>;

export const shelf = (join: Shelf['join'], ...fields: readonly Field[]): Shelf => ({ join, fields });

/** All fields that a sheet names, each once. */
export function fieldsOf({ rows, cols, panes, filters = [], sort }: Sheet): Field[] {
  const all = [
    ...rows.fields,
    ...cols.fields,
    ...panes.flatMap(({ axis, show = [] }) => [...(axis === undefined ? [] : [axis.of]), ...show.map(([, of]) => of)]),
    ...filters.map(({ of }) => of),
    ...(sort === undefined ? [] : [sort.of, sort.by]),
  ];
  return [...new Map(all.map((of) => [qualified(of), of])).values()];
}

export function worksheet(sheet: Sheet): Html {
  const { name, rows, cols, panes, filters = [], sort, trendLine, ownForecastDays } = sheet;
  const fields = fieldsOf(sheet);
  const sliced = filters.map(({ of }) => xml`<column>${qualified(of)}</column>`);
  return xml`<worksheet name='${name}'><table><view>${sourcesOf(fields)}
${dependencies(fields)}${filters.map(filterXml)}${sort === undefined ? null : sortXml(sort)}${sliced.length === 0 ? null : xml`<slices>${sliced}</slices>`}<aggregation value='true' /></view>
<style />
<panes>${panes.map((pane, at) => paneXml(pane, at, trendLine === true))}</panes>
<rows>${expression(rows)}</rows>
<cols>${expression(cols)}</cols>
${ownForecastDays === undefined ? null : forecastXml(ownForecastDays)}</table><simple-id uuid='${guidOf(`sheet ${name}`)}' /></worksheet>
`;
}

function expression({ fields, join }: Shelf): string {
  const [first, ...more] = fields.map(qualified);
  if (first === undefined) return '';
  return more.reduce((all, next) => `(${all} ${join} ${next})`, first);
}

function sortXml({ of, by, direction }: NonNullable<Sheet['sort']>): Html {
  return xml`<computed-sort column='${qualified(of)}' direction='${direction}' using='${qualified(by)}' />
`;
}

function paneXml({ mark, axis, show = [] }: Pane, at: number, trendLine: boolean): Html {
  const named = axis === undefined ? null : xml` ${axis.on}-axis-name='${qualified(axis.of)}'`;
  const id = at === 0 ? null : xml` id='${at}'`;
  const encodings = show.map(([encoding, of]) => xml`<${encoding} column='${qualified(of)}' />`);
  return xml`<pane${id} selection-relaxation-option='selection-relaxation-allow'${named}><view><breakdown value='auto' /></view><mark class='${mark}' />${encodings.length === 0 ? null : xml`<encodings>${encodings}</encodings>`}${trendLine ? xml`<trendline enable-confidence-bands='true' enable-instant-analytics='true' enabled='true' exclude-color='false' exclude-intercept='false' fit='linear' />` : null}</pane>`;
}

function forecastXml(days: number): Html {
  return xml`<forecast-specification auto-forecast-agg='true' band-confidence-level='90.000000' enabled='true' fill-type='fill-missing' ignore-last='0' model-type='auto' range-periods='Day-Trunc' range-size='${days}' range-type='next' show-prediction-bands='true' />
`;
}
