import { openBoard } from './board.js';
import { byId } from './element.js';
import { filterBar } from './filterBar.js';
import { forecast } from './sections/forecast.js';
import { kpis } from './sections/kpis.js';
import { lowest } from './sections/lowest.js';
import { lowStock } from './sections/lowStock.js';
import { salesDaily } from './sections/salesDaily.js';
import { salesHourly } from './sections/salesHourly.js';
import { storeTitle } from './sections/storeTitle.js';
import { topItems } from './sections/topItems.js';
import { transactions } from './sections/transactions.js';

const store = Number(byId('main').dataset.store);
openBoard([storeTitle, kpis, filterBar, lowStock, salesDaily, salesHourly, topItems, forecast, lowest, transactions], {
  store,
});
