/** How a pair sells. Source: Syntetos, Boylan & Croston 2005 (J. Oper. Res. Soc. 56), cut-offs 1.32 and 0.49. */
export type DemandClass = 'smooth' | 'erratic' | 'intermittent' | 'lumpy' | 'new';

export const demandClasses: readonly DemandClass[] = ['smooth', 'erratic', 'intermittent', 'lumpy', 'new'];

const adiCut = 1.32;
const cv2Cut = 0.49;
const windowDays = 365;
const fewestDays = 14;
const fewestDemands = 2;

/**
 * The class of the newest 365 known days of a pair, `values` as in DemandSeries: by ADI, days per day with demand, and
 * CV², the squared coefficient of variation of what such a day sells. `new`: fewer than 14 known days, or than 2 with demand.
 */
export function demandClass(values: Float64Array): DemandClass {
  const from = Math.max(0, values.length - windowDays);
  const days = values.length - from;
  let demands = 0;
  let mean = 0;
  let squares = 0;
  for (let at = from; at < values.length; at += 1) {
    const size = values[at] as number;
    if (size <= 0) continue;
    // Welford: one pass, and no difference of two large sums.
    demands += 1;
    const off = size - mean;
    mean += off / demands;
    squares += off * (size - mean);
  }
  if (days < fewestDays || demands < fewestDemands) return 'new';
  const seldom = days / demands >= adiCut;
  const uneven = squares / (demands - 1) / (mean * mean) >= cv2Cut;
  if (seldom) return uneven ? 'lumpy' : 'intermittent';
  return uneven ? 'erratic' : 'smooth';
}
