import type { RequestHandler } from 'express';
import { z } from 'zod';
import { type StockFilter, stockPage, stockSorts, stockStatuses } from '../../lib/postgres/view/stock.ts';
import { type ApiInput, answer, shownView } from './answer.ts';
import { csvLine } from './csvLine.ts';
import { parameters, parseParameters } from './parameters.ts';
import { sendProblem } from './problem.ts';

const filterShape = {
  stores: parameters.ids,
  q: parameters.text(100),
  status: parameters.someOf(stockStatuses),
  item: parameters.id.optional(),
  sort: z
    .enum(stockSorts, { error: `expected one of ${stockSorts.join(', ')}` })
    .optional()
    .transform((sort) => sort ?? 'low_stock_rank'),
  dir: parameters.descending(false),
};
const pageShape = { ...filterShape, page: parameters.page, size: parameters.size() };

type Filters = z.output<z.ZodObject<typeof filterShape>>;

const rowsAtOnce = 2_000;

/** Pairs as inventory_current.csv has them, filtered, sorted, a page at a time. */
export function stock(input: ApiInput): RequestHandler {
  return answer(input, pageShape, { rows: [], total: 0 }, async (view, { page, size, ...filters }) => {
    const found = await stockPage(view, filterOf(filters), orderOf(filters), page, size);
    return { ...found, page, size };
  });
}

/** All rows that a filter lets through, as a file with the header of inventory_current.csv. */
export function stockFile(input: ApiInput): RequestHandler {
  return async (request, response) => {
    const { run, ...filters } = parseParameters({ ...filterShape, run: parameters.run }, request.query);
    const view = await shownView(input, response, run);
    if (view === 'refused') return;
    if (view === undefined)
      return sendProblem(response, 404, 'no run has counted anything yet: there is nothing to download');
    const escapes = input.settings.csvFormulaEscape === 'text';
    response.attachment(`stock-${view.runId}.csv`).type('text/csv');
    let header: string[] | undefined;
    for (let page = 1; ; page += 1) {
      const { rows } = await stockPage(view, filterOf(filters), orderOf(filters), page, rowsAtOnce);
      if (header === undefined) {
        header = [...Object.keys(rows[0] ?? {}), 'run_id', 'as_of_utc'];
        // Excel takes a file for UTF-8 only with a mark.
        response.write(`\ufeff${header.join(',')}\n`);
      }
      const lines = rows.map((row) => ({ ...row, run_id: view.runId, as_of_utc: view.clock.asOfUtc }));
      const safe = escapes ? lines.map(escaped) : lines;
      const columns = header;
      const fields = (row: Record<string, unknown>) => columns.map((name) => (row[name] ?? null) as string | null);
      response.write(safe.map((row) => csvLine(fields(row))).join(''));
      if (rows.length < rowsAtOnce || response.destroyed) break;
      if (response.writableNeedDrain)
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
  };
}

/** Free text that a spreadsheet would run as a formula gets a leading apostrophe (product.md, Output). */
function escaped<Row extends Record<string, unknown>>(row: Row): Row {
  const changed = ['store_name', 'item_name', 'supplier_id']
    .filter((column) => /^[=+\-@\t\r]/.test(String(row[column] ?? '')))
    .map((column) => [column, `'${row[column]}`]);
  return changed.length === 0 ? row : { ...row, ...Object.fromEntries(changed) };
}

function filterOf({ stores, q, status, item }: Filters): StockFilter {
  return { stores, statuses: status, item: item ?? null, text: q };
}

function orderOf({ sort, dir }: Filters) {
  return { sort, descending: dir };
}
