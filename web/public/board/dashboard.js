import { openBoard } from './board.js';
import { filterBar } from './filterBar.js';
import { forecast } from './sections/forecast.js';
import { kpis } from './sections/kpis.js';
import { lowest } from './sections/lowest.js';
import { lowStock } from './sections/lowStock.js';
import { salesDaily } from './sections/salesDaily.js';
import { salesHourly } from './sections/salesHourly.js';
import { topItems } from './sections/topItems.js';
import { transactions } from './sections/transactions.js';
import { accuracy, forecastHistory, latency, quality } from './sections/trust.js';

openBoard([
  kpis,
  filterBar,
  lowStock,
  salesDaily,
  salesHourly,
  topItems,
  forecast,
  lowest,
  transactions,
  accuracy,
  forecastHistory,
  quality,
  latency,
]);
