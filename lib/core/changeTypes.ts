/** What a change type means for the figures; `other` moves stock and is no sale. */
export type ChangeRole = 'sale' | 'shrink' | 'restock' | 'bopis' | 'other';

export type ChangeType = { readonly changeTypeId: number; readonly changeType: string; readonly role: ChangeRole };

const defaults: readonly (readonly [number, Exclude<ChangeRole, 'other'>])[] = [
  [1, 'sale'],
  [2, 'shrink'],
  [3, 'restock'],
  [4, 'bopis'],
];

/**
 * The change types in force: sale, shrink, restock and bopis are known by their names as delivered, else by the
 * default ids, under whatever name these have (product.md, Settled in detail). Sorted by id.
 * @example changeTypesFrom(new Map([[7, 'Sale']])) // 7 is a sale, 1 is not; 2, 3 and 4 keep their default meaning
 */
export function changeTypesFrom(delivered: ReadonlyMap<number, string>): ChangeType[] {
  const types = new Map<number, ChangeType>();
  for (const [changeTypeId, name] of delivered) {
    const role = defaults.find(([, known]) => known === name.trim().toLowerCase())?.[1] ?? 'other';
    types.set(changeTypeId, { changeTypeId, changeType: name, role });
  }
  const named = new Set([...types.values()].map((type) => type.role));
  for (const [changeTypeId, role] of defaults) {
    const delivered = types.get(changeTypeId);
    if (named.has(role) || (delivered !== undefined && delivered.role !== 'other')) continue;
    types.set(changeTypeId, { changeTypeId, changeType: delivered?.changeType ?? role, role });
  }
  return [...types.values()].sort((a, b) => a.changeTypeId - b.changeTypeId);
}

/** The online store: by its name, else store 0. The lowest id where several bear the name. */
export function onlineStoreId(names: ReadonlyMap<number, string>): number {
  const named = [...names].filter(([, name]) => name.trim().toLowerCase() === 'online').map(([id]) => id);
  return named.length > 0 ? Math.min(...named) : 0;
}
