/**
 * The results of `work` for each item, in the items' order, a few items at a time. Where one fails no other is begun,
 * and the error comes when those under way have ended, so that nothing goes on behind the caller's back.
 */
export async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    try {
      while (next < items.length) {
        const at = next;
        next += 1;
        results[at] = await work(items[at] as T);
      }
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}
