import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const units = field('combined', 'units_sold', 'sum');
const store = field('combined', 'store_name');
const action = field('combined', 'action');

/** When each store sells: units by hour of the day, sale and bopis apart; a day at a time or all of them. */
export const salesByStore: Sheet = {
  name: 'Sales by Store',
  rows: shelf('/', store, field('combined', 'hour')),
  cols: shelf('+', units),
  panes: [{ mark: 'Bar', show: [['color', action]] }],
  filters: [
    { of: store, kind: 'all', group: 1 },
    { of: action, kind: 'members', members: ['sale', 'bopis'] },
    { of: field('combined', 'business_date'), kind: 'all', group: 2 },
  ],
};
