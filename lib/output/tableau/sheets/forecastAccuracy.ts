import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const model = field('forecast_accuracy', 'model');

/** How far past forecasts were off, all months together: errors as a share of all units, lower is better. */
export const forecastAccuracy: Sheet = {
  name: 'Forecast Accuracy',
  rows: shelf('/', field('forecast_accuracy', 'level'), model),
  cols: shelf('+', field('forecast_accuracy', 'wape', 'max')),
  panes: [
    {
      mark: 'Bar',
      show: [
        ['color', model],
        ['tooltip', field('forecast_accuracy', 'coverage', 'max')],
        ['tooltip', field('forecast_accuracy', 'bias', 'max')],
        ['tooltip', field('forecast_accuracy', 'n', 'max')],
      ],
    },
  ],
  filters: [
    { of: field('forecast_accuracy', 'all_months'), kind: 'members', members: ['true'] },
    { of: field('forecast_accuracy', 'class'), kind: 'members', members: ['all'] },
    { of: field('forecast_accuracy', 'target'), kind: 'members', members: ['next_month'] },
  ],
};
