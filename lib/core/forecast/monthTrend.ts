/**
 * The linear trend of product.md on months that follow one another: least squares of `units[from … until - 1]` on their
 * place, evaluated at place `at`, never below 0; NaN with fewer than two. Equal to `linearTrend`, without a list a call.
 */
export function monthTrend(units: ArrayLike<number>, from: number, until: number, at: number): number {
  const count = until - from;
  if (count < 2) return Number.NaN;
  let sum = 0;
  let weighted = 0;
  for (let n = 0; n < count; n += 1) {
    const value = units[from + n] as number;
    sum += value;
    weighted += n * value;
  }
  const middle = (count - 1) / 2;
  const slope = (weighted - middle * sum) / ((count * (count * count - 1)) / 12);
  return Math.max(0, sum / count + slope * (at - from - middle));
}
