/** Demand classes in the order of their numbers. `sparse`: too little was sold to tell. */
export const demandClasses = ['smooth', 'erratic', 'intermittent', 'lumpy', 'sparse'] as const;
export type DemandClass = (typeof demandClasses)[number];

const intermittentFrom = 1.32;
const variableFrom = 0.49;
const fewestDays = 14;
const fewestDemands = 2;

/**
 * Place of a series in `demandClasses`: by its mean interval between demands (ADI, cut at 1.32 days) and the squared
 * coefficient of variation of their sizes (CV², cut at .49). Source: Syntetos, Boylan & Croston 2005.
 */
export function demandClassOf(knownDays: number, demands: number, sum: number, sumOfSquares: number): number {
  if (knownDays < fewestDays || demands < fewestDemands) return 4;
  const mean = sum / demands;
  const variation = sumOfSquares / demands / (mean * mean) - 1;
  return (knownDays / demands >= intermittentFrom ? 2 : 0) + (variation >= variableFrom ? 1 : 0);
}
