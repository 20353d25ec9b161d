import { type Html, xml } from '../../core/markup.ts';
import { type Field, instanceName, qualified } from './field.ts';

/**
 * What a sheet shows of its source. `all`: everything, for a person to choose from; `members`: those named; `range`:
 * numbers from … to; `top`: so many by a measure. `group`: sheets with the same number filter together.
 */
export type Filter = Readonly<{ of: Field; group?: number }> &
  (
    | Readonly<{ kind: 'all' }>
    | Readonly<{ kind: 'members'; members: readonly string[] }>
    | Readonly<{ kind: 'range'; from: number; to: number }>
    | Readonly<{ kind: 'top'; count: number; by: string }>
  );

export function filterXml(filter: Filter): Html {
  const { of, group } = filter;
  const shared = group === undefined ? null : xml` filter-group='${group}'`;
  const column = qualified(of);
  const level = instanceName(of);
  if (filter.kind === 'range') {
    return xml`<filter class='quantitative' column='${column}'${shared} included-values='in-range'><min>${filter.from}</min><max>${filter.to}</max></filter>
`;
  }
  return xml`<filter class='categorical' column='${column}'${shared}>${groupFilter(filter, level)}</filter>
`;
}

function groupFilter(filter: Exclude<Filter, { kind: 'range' }>, level: string): Html {
  if (filter.kind === 'all') {
    return xml`<groupfilter function='level-members' level='${level}' user:ui-enumeration='all' user:ui-marker='enumerate' />`;
  }
  if (filter.kind === 'top') {
    return xml`<groupfilter count='${filter.count}' end='top' function='end' units='records' user:ui-marker='end' user:ui-top-by-field='true'><groupfilter direction='DESC' expression='${filter.by}' function='order' user:ui-marker='order'><groupfilter function='level-members' level='${level}' user:ui-enumeration='all' user:ui-marker='enumerate' /></groupfilter></groupfilter>`;
  }
  const member = (value: string) =>
    xml`<groupfilter function='member' level='${level}' member='${filter.of.column.type === 'string' ? `"${value}"` : value}' />`;
  const [only, ...more] = filter.members;
  if (more.length === 0) return member(only ?? '');
  return xml`<groupfilter function='union' user:ui-domain='database' user:ui-enumeration='inclusive' user:ui-marker='enumerate'>${filter.members.map(member)}</groupfilter>`;
}
