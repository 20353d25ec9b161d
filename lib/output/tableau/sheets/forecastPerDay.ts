import { field, forecastIndicator, forecastValue } from '../field.ts';
import { type Sheet, shelf } from '../sheet.ts';

/** Units sold per day and Tableau's own forecast of the next 7; the forecast to plan on is in the sheet with the band. */
export const forecastPerDay: Sheet = {
  name: 'Forecast of Sales per Day',
  rows: shelf('+', forecastValue(field('sales_daily', 'units_sold', 'sum'))),
  cols: shelf('+', field('sales_daily', 'business_date', 'tdy')),
  panes: [{ mark: 'Automatic', show: [['color', forecastIndicator('sales_daily')]] }],
  filters: [{ of: field('sales_daily', 'store_id'), kind: 'all' }],
  ownForecastDays: 7,
};
