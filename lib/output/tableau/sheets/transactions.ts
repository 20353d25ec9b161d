import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const transaction = field('combined', 'trans_id');
const action = field('combined', 'action');

/** Receipts with their items: the 100 newest until others are chosen. */
export const transactions: Sheet = {
  name: 'History of Transaction IDs',
  rows: shelf('/', action, transaction, field('combined', 'item_name')),
  cols: shelf('+', field('combined', 'quantity', 'sum')),
  panes: [
    {
      mark: 'Bar',
      show: [
        ['color', action],
        ['tooltip', field('combined', 'date_time', 'max')],
      ],
    },
  ],
  filters: [
    { of: transaction, kind: 'top', count: 100, by: 'MAX([date_time])' },
    { of: action, kind: 'all' },
  ],
};
