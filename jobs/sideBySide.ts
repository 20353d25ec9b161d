/**
 * Waits for all of these, whatever becomes of each, so that nothing goes on behind the caller's back; then throws what
 * failed first. `onFailure` is told at once, to stop the others.
 */
export async function sideBySide<A, B>(
  a: Promise<A>,
  b: Promise<B>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<[A, B]> {
  let first: { error: unknown } | undefined;
  for (const part of [a, b]) {
    part.catch((error: unknown) => {
      first ??= { error };
      onFailure(error);
    });
  }
  await Promise.allSettled([a, b]);
  if (first !== undefined) throw first.error;
  return Promise.all([a, b]);
}
