import pg from 'pg';
import { asTillcastError } from '../pool.ts';

const numericOid = 1700;
const identity = (text: string) => text;
/** As pool.ts reads values, but decimals as numbers: they have at most 3 places, and JSON has no other form for them. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number,
  [numericOid]: Number,
  1082: identity,
  1114: identity,
};
const types = {
  getTypeParser: ((oid: number, format?: 'text') => parsers[oid] ?? pg.types.getTypeParser(oid, format)) as never,
};

/** Rows as the API tells them. Whole numbers beyond 2^53 lose their last digits. @throws TillcastError ETL_PG */
export async function pageRows<Row extends object = Record<string, unknown>>(
  client: pg.ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return (await client.query<Row>({ text, values: [...values], types })).rows;
  } catch (error) {
    throw asTillcastError(error, 'reading for a page');
  }
}
