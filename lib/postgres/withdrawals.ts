import { type Database, query } from './pool.ts';

/** A line that a person takes back: its event, and where it was delivered. Quantity as delivered, times local. */
export type Withdrawal = Readonly<{
  eventId: string;
  counterEventId: string;
  storeId: number;
  itemId: number;
  dateTime: string;
  changeTypeId: number;
  transId: string;
  quantity: number;
  file: string;
  line: number;
}>;

/** Notes lines to take back; the next run counts their counter-events. Returns the events that were not noted before. */
export async function noteWithdrawals(db: Database, lines: readonly Withdrawal[]): Promise<string[]> {
  const column = <T>(pick: (line: Withdrawal) => T) => lines.map(pick);
  const rows = await query<{ event_id: string }>(
    db,
    `INSERT INTO withdrawal
       (event_id, counter_event_id, store_id, item_id, date_time, change_type_id, trans_id, quantity, file, line)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamp[], $6::bigint[], $7::text[],
                          $8::int[], $9::text[], $10::bigint[])
     ON CONFLICT DO NOTHING RETURNING event_id`,
    [
      column((line) => line.eventId),
      column((line) => line.counterEventId),
      column((line) => line.storeId),
      column((line) => line.itemId),
      column((line) => line.dateTime),
      column((line) => line.changeTypeId),
      column((line) => line.transId),
      column((line) => line.quantity),
      column((line) => line.file),
      column((line) => line.line),
    ],
  );
  return rows.map((row) => row.event_id);
}

type Row = Readonly<{
  event_id: string;
  counter_event_id: string;
  store_id: number;
  item_id: number;
  date_time: string;
  change_type_id: number;
  trans_id: string;
  quantity: number;
  file: string;
  line: number;
}>;

/** Lines that are to be taken back and whose counter-events no run has counted yet, in the order of their files. */
export async function pendingWithdrawals(db: Database): Promise<Withdrawal[]> {
  const rows = await query<Row>(db, 'SELECT * FROM withdrawal WHERE run_seq IS NULL ORDER BY file, line, event_id');
  return rows.map((row) => ({
    eventId: row.event_id,
    counterEventId: row.counter_event_id,
    storeId: row.store_id,
    itemId: row.item_id,
    dateTime: row.date_time,
    changeTypeId: row.change_type_id,
    transId: row.trans_id,
    quantity: row.quantity,
    file: row.file,
    line: row.line,
  }));
}
