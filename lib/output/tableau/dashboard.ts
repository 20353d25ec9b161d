import { type Html, xml } from '../../core/markup.ts';
import { dependencies, type Field, qualified, sourcesOf } from './field.ts';
import { guidOf } from './guid.ts';
import type { Sheet } from './sheet.ts';

/** `controls`: filters and the colour legend of its sheets, in a column on the right. */
export type Dashboard = Readonly<{
  name: string;
  sheets: readonly Sheet[];
  controls: readonly Readonly<{ kind: 'filter' | 'color'; sheet: Sheet; of: Field; pane?: number }>[];
}>;

/** Zones are in hundred-thousandths of the dashboard. */
const whole = 100_000;
const titleHeight = 8_000;
const sideWidth = 16_000;

export function dashboardXml({ name, sheets, controls }: Dashboard): Html {
  const fields = controls.map(({ of }) => of);
  const height = Math.floor((whole - titleHeight) / sheets.length);
  const zones = sheets.map(
    (sheet, at) =>
      xml`<zone h='${height}' id='${at + 3}' name='${sheet.name}' w='${whole - sideWidth}' x='0' y='${titleHeight + at * height}' />`,
  );
  const side = Math.floor((whole - titleHeight) / Math.max(1, controls.length));
  const cards = controls.map(({ kind, sheet, of, pane }, at) => {
    const id = at + 3 + sheets.length;
    const place = xml`h='${Math.min(side, 20_000)}' id='${id}'`;
    const where = xml`w='${sideWidth}' x='${whole - sideWidth}' y='${titleHeight + at * Math.min(side, 20_000)}'`;
    return kind === 'filter'
      ? xml`<zone ${place} mode='checkdropdown' name='${sheet.name}' param='${qualified(of)}' type-v2='filter' ${where} />`
      : xml`<zone ${place} name='${sheet.name}' pane-specification-id='${pane ?? 0}' param='${qualified(of)}' type-v2='color' ${where} />`;
  });
  return xml`<dashboard name='${name}'><style /><size maxheight='800' maxwidth='1200' minheight='800' minwidth='1200' sizing-mode='fixed' />${sourcesOf(fields)}
${dependencies(fields)}<zones><zone h='${whole}' id='1' type-v2='layout-basic' w='${whole}' x='0' y='0'><zone h='${titleHeight}' id='2' type-v2='title' w='${whole}' x='0' y='0' />${zones}${cards}</zone></zones><simple-id uuid='${guidOf(`dashboard ${name}`)}' /></dashboard>
`;
}
