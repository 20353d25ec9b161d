import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const moved = field('combined', 'quantity', 'sum');
const left = field('combined', 'final_quantity', 'max');
const action = field('combined', 'action');

/** One item hour by hour: every change by its kind, and the stock it left; the lowest pair until another rank is chosen. */
export const itemByHour: Sheet = {
  name: 'Total Item View By Hour',
  rows: shelf(
    '/',
    field('combined', 'item_name'),
    field('combined', 'store_name'),
    field('combined', 'business_date'),
    field('combined', 'hour'),
  ),
  cols: shelf('+', moved, left),
  panes: [
    { mark: 'Automatic' },
    { mark: 'Bar', axis: { on: 'x', of: moved }, show: [['color', action]] },
    { mark: 'Bar', axis: { on: 'x', of: left } },
  ],
  filters: [
    { of: field('combined', 'low_stock_rank'), kind: 'range', from: 1, to: 1 },
    { of: field('combined', 'store_name'), kind: 'all' },
    { of: action, kind: 'all' },
  ],
};
