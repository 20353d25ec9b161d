import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

/** What moved in the 20 lowest pairs, day by day and by kind: combined.csv carries their rank. */
export const lowestItemInsight: Sheet = {
  name: 'Lowest Inventory Item Insight',
  rows: shelf('/', field('combined', 'item_name'), field('combined', 'quantity', 'sum')),
  cols: shelf('+', field('combined', 'business_date', 'tdy')),
  panes: [{ mark: 'Bar', show: [['color', field('combined', 'action')]] }],
  filters: [{ of: field('combined', 'low_stock_rank'), kind: 'range', from: 1, to: 20 }],
};
