import type { Mirror } from '../../../lib/mongo/mirror.ts';
import { type Delta, deltasOf, type Store, timed } from './stores.ts';

type Total = { _id: string; store_id: number; item_id: number; delta_quantity: number };

/** As the product's mirror does it: bulks of this size, so many under way at once. */
const updatesPerBulk = 100;
const lanes = 4;

/** Collections of the study's own, with the same content as PostgreSQL's tables. */
export function mongoStores({ db }: Mirror): Record<'single' | 'batch' | 'total', Store> {
  const rawEvents = db.collection('raw_event');
  const batchDeltas = db.collection('batch_delta');
  const totals = db.collection<Total>('pair_total');
  let batch = 0;
  const clear = (name: string) => async () => {
    await db.dropCollection(name);
    await db.createCollection(name);
  };
  return {
    single: {
      clear: clear('raw_event'),
      write(events) {
        const documents = events.map((event) => ({
          store_id: event.storeId,
          item_id: event.itemId,
          date_time: event.dateTime,
          event_id: event.eventId,
          change_type_id: event.changeTypeId,
          quantity: event.quantity,
          trans_id: event.transId,
        }));
        return timed(() => rawEvents.insertMany(documents, { ordered: false }));
      },
    },
    batch: {
      clear: clear('batch_delta'),
      write(events) {
        const documents = deltasOf(events).map((delta) => ({ batch, ...document(delta) }));
        batch++;
        return timed(() => batchDeltas.insertMany(documents, { ordered: false }));
      },
    },
    total: {
      clear: clear('pair_total'),
      write(events) {
        const updates = deltasOf(events).map(({ storeId, itemId, quantity }) => ({
          updateOne: {
            filter: { _id: `${storeId}:${itemId}` },
            update: { $setOnInsert: { store_id: storeId, item_id: itemId }, $inc: { delta_quantity: quantity } },
            upsert: true,
          },
        }));
        const bulks: (typeof updates)[] = [];
        for (let at = 0; at < updates.length; at += updatesPerBulk) bulks.push(updates.slice(at, at + updatesPerBulk));
        const lane = async () => {
          for (let bulk = bulks.pop(); bulk !== undefined; bulk = bulks.pop()) {
            await totals.bulkWrite(bulk, { ordered: false });
          }
        };
        return timed(() => Promise.all(Array.from({ length: lanes }, lane)));
      },
    },
  };
}

const document = ({ storeId, itemId, quantity }: Delta) => ({
  store_id: storeId,
  item_id: itemId,
  delta_quantity: quantity,
});
