import { type RequestHandler, Router } from 'express';
import { html } from '../../lib/core/markup.ts';
import { nothingHere } from '../refuse.ts';
import { boardPage, type Slot } from './boardPage.ts';

const salesSlots: readonly Slot[] = [
  { id: 'sales-daily', title: 'Sales per store and day', half: true },
  { id: 'sales-hourly', title: 'Sales per store and hour', half: true },
  { id: 'top-items', title: 'Items that sell most', half: true },
  { id: 'forecast', title: 'Forecast with its band', half: true },
];
const lowStock = { id: 'low-stock', title: 'What needs a person: low stock' };
const lowest = { id: 'lowest', title: 'The 20 lowest and their activity' };
const transactions = { id: 'transactions', title: 'History of transactions' };
const pastForecasts = { id: 'forecast-history', title: 'Past forecasts against what came', half: true };

const dashboardSlots: readonly Slot[] = [
  lowStock,
  ...salesSlots,
  lowest,
  transactions,
  { id: 'accuracy', title: 'How far to trust the forecast' },
  pastForecasts,
  { id: 'latency', title: 'Latency of batches', half: true },
  { id: 'quality', title: 'Data quality' },
];

const itemSlots: readonly Slot[] = [
  { id: 'item-stock', title: 'In each store' },
  { id: 'quantity', title: 'Final quantity over time', half: true },
  { id: 'change-types', title: 'Change types against final quantity', half: true },
  { id: 'forecast', title: 'Forecast with its band', half: true },
  pastForecasts,
  transactions,
];

const storeSlots: readonly Slot[] = [
  { id: 'about', title: 'This store' },
  lowStock,
  ...salesSlots,
  lowest,
  transactions,
];

/** `/`, `/item/:item_id` and `/store/:store_id` of a dataset. */
export function boardPages(dataset: string): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    const heading = html`Dashboard`;
    const [place, script, slots, kpis] = ['dashboard', 'dashboard.js', dashboardSlots, true] as const;
    response
      .type('html')
      .send(boardPage({ title: `tillcast · ${dataset}`, heading, dataset, place, script, slots, kpis }));
  });
  router.get(
    '/item/:id',
    ofId((id) => {
      const of = html` data-item="${id}"`;
      const heading = html`Item ${id}`;
      return boardPage({
        title: `Item ${id} · tillcast`,
        heading,
        dataset,
        of,
        script: 'item.js',
        slots: itemSlots,
        kpis: false,
      });
    }),
  );
  router.get(
    '/store/:id',
    ofId((id) => {
      const of = html` data-store="${id}"`;
      const heading = html`Store ${id}`;
      return boardPage({
        title: `Store ${id} · tillcast`,
        heading,
        dataset,
        of,
        script: 'store.js',
        slots: storeSlots,
        kpis: true,
      });
    }),
  );
  return router;
}

/** A page of an id; what is none has no page. */
function ofId(made: (id: number) => string): RequestHandler {
  return (request, response, next) => {
    const { id } = request.params;
    const whole = typeof id === 'string' && /^-?\d{1,16}$/.test(id) && Number.isSafeInteger(Number(id));
    if (!whole) return nothingHere(request, response, next);
    response.type('html').send(made(Number(id)));
  };
}
