/** What a business says about ordering a pair's item. Undefined: not known. */
export type PlanningValues = Readonly<{
  /** Days from an order to its goods on the shelf. */
  leadTimeDays: number | undefined;
  /** Days from one order to the next; known where the lead time is. */
  reviewPeriodDays: number | undefined;
  /** Cycle service level: the share of order cycles without a stock-out. */
  serviceLevel: number;
  /** Units that can only be ordered together. */
  packSize: number;
}>;

/** Cells of one row; one that is undefined leaves what wider scopes say. */
export type PlanningCells = Partial<PlanningValues>;

/** Widest first: `default` is every pair. */
export type PlanningScope = 'default' | 'store' | 'supplier' | 'item';

export type PlanningKey = Readonly<{ storeId: number; supplierId: string; itemId: number }>;

type ScopedCells = Readonly<{ scope: PlanningScope; id: string; cells: PlanningCells }>;

/** A weekly order, where only the lead time is told. */
const usualReviewDays = 7;

/**
 * The values of each pair, cell by cell the most specific: item, supplier, store, the file's default, the settings.
 * Of several rows for one scope and id the last stands, whole.
 */
export function planningValues(
  settings: PlanningValues,
  rows: readonly ScopedCells[],
): (key: PlanningKey) => PlanningValues {
  const said = new Map(rows.map((row) => [`${row.scope} ${row.id}`, row.cells]));
  return ({ storeId, supplierId, itemId }) => {
    const cells = [`item ${itemId}`, `supplier ${supplierId}`, `store ${storeId}`, 'default '].map((key) =>
      said.get(key),
    );
    const first = <K extends keyof PlanningValues>(name: K): PlanningValues[K] =>
      (cells.find((row) => row?.[name] !== undefined)?.[name] as PlanningValues[K] | undefined) ?? settings[name];
    const leadTimeDays = first('leadTimeDays');
    return {
      leadTimeDays,
      reviewPeriodDays: leadTimeDays === undefined ? undefined : (first('reviewPeriodDays') ?? usualReviewDays),
      serviceLevel: first('serviceLevel'),
      packSize: first('packSize'),
    };
  };
}

/** Days that stock must last for: until an order of the next review has arrived. Undefined without a lead time. */
export function protectionDays({ leadTimeDays, reviewPeriodDays }: PlanningValues): number | undefined {
  return leadTimeDays === undefined || reviewPeriodDays === undefined ? undefined : leadTimeDays + reviewPeriodDays;
}
