import { openBoard } from './board.js';
import { byId } from './element.js';
import { filterBar } from './filterBar.js';
import { forecast } from './sections/forecast.js';
import { changeTypes, quantityOverTime } from './sections/itemDays.js';
import { itemStock } from './sections/itemStock.js';
import { transactions } from './sections/transactions.js';
import { forecastHistory } from './sections/trust.js';

const item = Number(byId('main').dataset.item);
openBoard([filterBar, itemStock, quantityOverTime, changeTypes, forecast, forecastHistory, transactions], { item });
