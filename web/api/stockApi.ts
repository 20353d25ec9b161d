import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Texts } from '../../lib/postgres/view/pageTables.ts';
import {
  type StockFilter,
  stockNeedsMark,
  stockPage,
  stockSorts,
  stockStatuses,
  stockTexts,
} from '../../lib/postgres/view/stock.ts';
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

/** Pairs as inventory_current.csv has them, filtered, sorted, a page at a time. */
export function stock(input: ApiInput): RequestHandler {
  return answer(input, pageShape, { rows: [], total: 0 }, async (view, { page, size, ...filters }) => {
    const found = await stockPage(view, filterOf(filters), orderOf(filters), page, size);
    return { ...found, page, size };
  });
}

/** All rows that a filter lets through, as a file with the header of inventory_current.csv. */
export function stockFile(input: ApiInput): RequestHandler {
  const { csvBom, csvFormulaEscape } = input.settings;
  return async (request, response) => {
    const { run, ...filters } = parseParameters({ ...filterShape, run: parameters.run }, request.query);
    const view = await shownView(input, response, run);
    if (view === 'refused') return;
    if (view === undefined) {
      return sendProblem(response, 404, 'no run has counted anything yet: there is nothing to download');
    }
    const filter = filterOf(filters);
    const mark = csvBom === 'always' || (csvBom === 'auto' && (await stockNeedsMark(view, filter)));
    const blocks = await stockTexts(view, filter, orderOf(filters), csvFormulaEscape === 'text');
    response.attachment(`stock-${view.runId}.csv`).type('text/csv');
    try {
      await pipeline(Readable.from(csvText(blocks, mark)), response);
    } catch (error) {
      // Whoever asked has left, or gets a file that ends early: its length is not that of a whole one.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  };
}

async function* csvText(blocks: AsyncGenerator<Texts>, mark: boolean): AsyncGenerator<string> {
  let first = true;
  for await (const { columns, rows } of blocks) {
    const head = first ? `${mark ? '\ufeff' : ''}${csvLine(columns)}` : '';
    first = false;
    yield head + rows.map(csvLine).join('');
  }
}

function filterOf({ stores, q, status, item }: Filters): StockFilter {
  return { stores, statuses: status, item: item ?? null, text: q };
}

function orderOf({ sort, dir }: Filters) {
  return { sort, descending: dir };
}
