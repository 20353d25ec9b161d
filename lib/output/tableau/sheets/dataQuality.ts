import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const severity = field('data_quality', 'severity');

/** What is wrong or odd with the data, the worst first by its colour. */
export const dataQuality: Sheet = {
  name: 'Data Quality',
  rows: shelf(
    '/',
    severity,
    field('data_quality', 'rule'),
    field('data_quality', 'subject'),
    field('data_quality', 'detail'),
  ),
  cols: shelf('+'),
  panes: [
    {
      mark: 'Text',
      show: [
        ['color', severity],
        ['text', field('data_quality', 'count', 'sum')],
      ],
    },
  ],
  filters: [{ of: severity, kind: 'all' }],
};
