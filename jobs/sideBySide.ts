/**
 * Waits for both, whatever becomes of each, so that nothing goes on behind the caller's back; then throws what failed
 * first. `onFailure` is told at once, to stop the other.
 */
export async function sideBySide<A, B>(
  a: Promise<A>,
  b: Promise<B>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<[A, B]> {
  const both = Promise.all([a, b]);
  for (const part of [a, b]) part.catch(onFailure);
  await Promise.allSettled([both, a, b]);
  return both;
}
