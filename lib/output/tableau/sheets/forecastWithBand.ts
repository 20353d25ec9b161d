import { field } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

const units = field('forecast', 'units', 'max');
const lower = field('forecast', 'lower', 'max');
const month = field('forecast', 'month', 'tmn');
const model = field('forecast', 'model');

/**
 * Months as sold, and the planning forecast with its band. Of one series: all stores together, until another level, store
 * or item is chosen. Bands of several series do not add up, so nothing here is summed.
 */
export const forecastWithBand: Sheet = {
  name: 'Forecast with Band',
  rows: shelf('+', lower, units),
  cols: shelf('+', month),
  panes: [
    { mark: 'Automatic' },
    {
      mark: 'GanttBar',
      axis: { on: 'y', of: lower },
      show: [
        ['color', field('forecast', 'forecast_indicator')],
        ['size', field('forecast', 'band_width', 'max')],
      ],
    },
    { mark: 'Line', axis: { on: 'y', of: units }, show: [['color', field('forecast', 'forecast_indicator')]] },
  ],
  filters: [
    { of: field('forecast', 'level'), kind: 'members', members: ['total'] },
    { of: model, kind: 'members', members: ['actual', 'planning'] },
    { of: field('forecast', 'store_id'), kind: 'all' },
    { of: field('forecast', 'item_id'), kind: 'all' },
  ],
};
