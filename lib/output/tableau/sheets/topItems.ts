import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const item = field('combined', 'item_name');
const units = field('combined', 'units_sold', 'sum');
const store = field('combined', 'store_name');
const action = field('combined', 'action');

/** The 20 items that sold most in the dates of combined.csv, by name, with what was picked up counted as well. */
export const topItems: Sheet = {
  name: 'Top Items by Sales',
  rows: shelf('/', item),
  cols: shelf('+', units),
  panes: [{ mark: 'Bar', show: [['color', action]] }],
  filters: [
    { of: item, kind: 'top', count: 20, by: 'SUM([units_sold])' },
    { of: store, kind: 'all', group: 1 },
    { of: action, kind: 'members', members: ['sale', 'bopis'] },
  ],
  sort: { of: item, by: units, direction: 'DESC' },
};
