import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const closing = field('sales_daily', 'closing_quantity', 'avg');
const item = field('sales_daily', 'item_id');
const store = field('sales_daily', 'store_id');

/**
 * What was left at the end of each day, a line per item and store, with its linear trend; of the 5 items that sell most
 * until others are chosen. Never summed over days: it is a state.
 */
export const quantityTrends: Sheet = {
  name: 'Final Quantity Trends by Item',
  rows: shelf('/', item, closing),
  cols: shelf('+', field('sales_daily', 'business_date', 'tdy')),
  panes: [{ mark: 'Line', show: [['color', store]] }],
  filters: [
    { of: item, kind: 'top', count: 5, by: 'SUM([units_sold])' },
    { of: store, kind: 'all' },
  ],
  trendLine: true,
};
