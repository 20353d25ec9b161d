/**
 * Glossary (product.md, Rules of the data).
 *
 * event      one line of an export that counts: a change (stock moved) or a count (a snapshot: what stands on the shelf)
 * pair       one (store, item)
 * delta      signed units of changes; summed over all of a pair's changes it is `delta_quantity`
 * on hand    units believed to be in the store after an event: `final_quantity`
 * local time `yyyy-MM-dd HH:mm:ss` as the store's clock showed it; order, dates and months go by it
 * as of      the newest event time, the data's clock; never the wall clock
 * watermark  of a file: how far it was read and applied; Kafka's is always written `highWatermark`
 */
export type EventKind = 'change' | 'count';

/** One valid row of an export. Ids are safe integers, `dateTime` is local time, `quantity` whole units (counts >= 0). */
export type EventRow = {
  readonly kind: EventKind;
  readonly storeId: number;
  readonly itemId: number;
  readonly dateTime: string;
  readonly quantity: number;
  /** null for a count. */
  readonly changeTypeId: number | null;
  /** null for a count. */
  readonly transId: string | null;
  /** '' for a change and where the export has none. */
  readonly employeeId: string;
  /** true where an id was written with leading zeros (`007`): loaded, and told in data_quality. */
  readonly leadingZeros: boolean;
};

/** Why a row was not loaded: the column, its value as written, and the rule it broke. */
export type Rejection = {
  readonly column: string;
  readonly value: string;
  readonly reason: string;
};

export type Parsed<T> = { readonly row: T } | { readonly rejection: Rejection };

/** An event with the identity it counts under; `eventId` is a lower-case uuid. */
export type IdentifiedEvent = EventRow & { readonly eventId: string };
