import { isTimeZone } from '../config/timeZone.ts';
import { changeTypesFrom, onlineStoreId } from '../lib/core/changeTypes.ts';
import type { FileKind } from '../lib/core/fileKind.ts';
import { idLimit, parseWholeNumber } from '../lib/core/wholeNumber.ts';
import type { HeldRun } from '../lib/postgres/heldRun.ts';
import type { Finding } from '../lib/postgres/quality.ts';
import {
  deliveredReference,
  type ItemRow,
  loadReference,
  type StoreRow,
  serverTimeZones,
} from '../lib/postgres/reference.ts';
import type { RejectedLine } from '../lib/postgres/rejects.ts';
import type { ExportFile } from '../lib/source/inputFolder.ts';
import { type ReferenceRow, referenceRows } from '../lib/source/referenceRows.ts';
import type { Pipeline } from './pipeline.ts';

export type ReferenceResult = Readonly<{
  refused: readonly { name: string; reason: string }[];
  rejects: readonly RejectedLine[];
  findings: readonly Finding[];
  /** Zone of each known store that has one. */
  zones: ReadonlyMap<number, string>;
  rows: number;
}>;

type Kept = {
  items: Map<number, ItemRow>;
  stores: Map<number, StoreRow>;
  changeTypes: Map<number, string>;
  zonesOfServer: ReadonlySet<string>;
};

/**
 * Loads items, stores and change types. All reference files are read when one of them changed, because rows rank by
 * (file name, line) over the newest content of each (product.md, Settled in detail).
 */
export async function loadReferenceFiles(
  pipeline: Pipeline,
  run: HeldRun,
  files: readonly ExportFile[],
  changed: boolean,
): Promise<ReferenceResult> {
  const refused: { name: string; reason: string }[] = [];
  const rejects: RejectedLine[] = [];
  const known = await deliveredReference(pipeline.db);
  const kept: Kept = {
    items: new Map(),
    stores: new Map(),
    changeTypes: new Map(known.changeTypes),
    zonesOfServer: changed ? await serverTimeZones(pipeline.db) : new Set(),
  };
  let rows = 0;
  for (const file of changed ? files : []) {
    const read = await referenceRows(file.path, file.kind).catch((error: Error) => ({ refusal: refusalOf(error) }));
    if ('refusal' in read) {
      refused.push({ name: file.name, reason: read.refusal });
      continue;
    }
    for (const { line, reason, raw } of read.broken) {
      rejects.push({ file: file.name, line, column: '', value: '', reason, raw, reading: 1 });
    }
    for (const row of read.rows) {
      const wrong = keepers[file.kind](row, kept);
      if (wrong === undefined) rows += 1;
      else rejects.push({ file: file.name, line: row.line, raw: row.raw, reading: 1, ...wrong });
    }
  }
  const stores = new Map([...known.stores].map(([id, store]) => [id, store.name]));
  for (const store of kept.stores.values()) stores.set(store.storeId, store.name);
  const { namesChanged } = await loadReference(pipeline.db, run, {
    items: [...kept.items.values()],
    stores: [...kept.stores.values()],
    changeTypes: changeTypesFrom(kept.changeTypes).map((type) => ({
      ...type,
      delivered: kept.changeTypes.has(type.changeTypeId),
    })),
    onlineStoreId: onlineStoreId(stores),
    onlineBopisMovesStock: pipeline.settings.onlineBopisMovesStock,
  });
  const zones = new Map<number, string>();
  for (const [id, store] of (await deliveredReference(pipeline.db)).stores) {
    if (store.timeZone !== null) zones.set(id, store.timeZone);
  }
  const findings: Finding[] = [];
  if (namesChanged > 0) {
    findings.push({
      rule: 'names_changed',
      subject: 'items and stores',
      severity: 'info',
      count: namesChanged,
      detail: 'names changed at the newest delivery: they show in all rows, in archived months on the next closed day',
    });
  }
  return { refused, rejects, findings, zones, rows };
}

/** What Node says of a gzip file that unpacks to more than is ever read of a reference file, for a person. */
function refusalOf(error: Error): string {
  const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  return tooLarge ? 'it unpacks to more than 128 MB: no list of items or stores is that long' : error.message;
}

type Wrong = { column: string; value: string; reason: string };

const keepers: Readonly<Record<FileKind, (row: ReferenceRow, kept: Kept) => Wrong | undefined>> = {
  change: () => undefined,
  count: () => undefined,
  changeType({ values }, kept) {
    const id = idOf(values, 'change_type_id');
    if (typeof id !== 'number') return id;
    if (values.change_type === '') return { column: 'change_type', value: '', reason: 'a change type needs its name' };
    kept.changeTypes.set(id, values.change_type ?? '');
    return undefined;
  },
  store({ values }, kept) {
    const storeId = idOf(values, 'store_id');
    if (typeof storeId !== 'number') return storeId;
    const zone = values.timezone ?? '';
    if (zone !== '' && !isTimeZone(zone)) {
      return { column: 'timezone', value: zone, reason: 'expected an IANA time zone like Europe/Berlin' };
    }
    if (zone !== '' && !kept.zonesOfServer.has(zone.toLowerCase())) {
      const reason = 'a time zone that the PostgreSQL server does not know: name an older one of the same offset';
      return { column: 'timezone', value: zone, reason };
    }
    kept.stores.set(storeId, { storeId, name: values.name ?? '', timeZone: zone === '' ? null : zone });
    return undefined;
  },
  item({ values }, kept) {
    const itemId = idOf(values, 'item_id');
    if (typeof itemId !== 'number') return itemId;
    const text = values.safety_stock_quantity ?? '';
    const safety = text === '' ? null : parseWholeNumber(text, idLimit);
    if (safety === undefined) {
      return { column: 'safety_stock_quantity', value: text, reason: 'expected a whole number or nothing' };
    }
    kept.items.set(itemId, {
      itemId,
      name: values.name ?? '',
      supplierId: values.supplier_id ?? '',
      safetyStockQuantity: safety,
    });
    return undefined;
  },
};

function idOf(values: Readonly<Record<string, string>>, column: string): number | Wrong {
  const value = values[column] ?? '';
  return parseWholeNumber(value, idLimit) ?? { column, value, reason: 'expected a whole number within ±(2^53-1)' };
}
