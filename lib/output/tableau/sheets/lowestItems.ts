import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const rank = field('inventory_current', 'low_stock_rank');
const quantity = field('inventory_current', 'final_quantity', 'sum');

/** The 20 pairs of a store and an item that are furthest below their safety stock. */
export const lowestItems: Sheet = {
  name: 'Items with Lowest Inventory',
  rows: shelf('/', field('inventory_current', 'item_name'), field('inventory_current', 'store_name')),
  cols: shelf('+'),
  panes: [
    {
      mark: 'Square',
      show: [
        ['color', quantity],
        ['text', quantity],
        ['tooltip', field('inventory_current', 'safety_stock_quantity', 'sum')],
        ['tooltip', field('inventory_current', 'low_stock_rank', 'max')],
      ],
    },
  ],
  filters: [{ of: rank, kind: 'range', from: 1, to: 20 }],
  sort: {
    of: field('inventory_current', 'item_name'),
    by: field('inventory_current', 'low_stock_rank', 'max'),
    direction: 'ASC',
  },
};
