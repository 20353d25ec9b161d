import { type ItemDemand, windowDays } from '../../../../lib/core/cluster/itemDemand.ts';
import { random } from '../../../support/seededRandom.ts';

/** A kind of item: chance of a sale on a weekday (Monday first), most units of one, the hours that it sells in. */
export type Kind = Readonly<{
  chance: readonly number[];
  most: number;
  hours: readonly number[];
  months?: readonly number[];
}>;

const week = (weekday: number, saturday: number) => [...Array<number>(5).fill(weekday), saturday, saturday / 2];
export const kinds: readonly Kind[] = [
  { chance: week(1, 1), most: 40, hours: [7, 8, 9, 10] },
  { chance: week(0.9, 0.9), most: 40, hours: [18, 19, 20] },
  { chance: week(0.2, 1), most: 6, hours: [11, 12, 15] },
  { chance: week(0.05, 0.05), most: 2, hours: [9, 13, 16, 19] },
  { chance: week(0.3, 0.3), most: 20, hours: [9, 13, 16, 19], months: [11, 12] },
];

/** Items of all kinds in turn, over a year of days that ends `shift` days later; the days that both share are alike. */
export function shopItems(count: number, shift = 0, of: readonly Kind[] = kinds): ItemDemand[] {
  return Array.from({ length: count }, (_, at) => oneItem(at + 1, of[at % of.length] as Kind, shift));
}

function oneItem(itemId: number, kind: Kind, shift: number): ItemDemand {
  const next = random(itemId);
  const sums = { demandDays: 0, units: 0, sumOfSquares: 0 };
  const [weekdays, months, hours] = [new Float64Array(7), new Float64Array(12), new Float64Array(24)];
  for (let day = 0; day < windowDays + shift; day += 1) {
    const month = Math.floor((day % windowDays) / 31);
    const inSeason = kind.months === undefined || kind.months.includes(month + 1);
    const [sells, size, hour] = [next(), next(), next()];
    if (day < shift || sells >= (kind.chance[day % 7] as number) * (inSeason ? 1 : 0.2)) continue;
    const units = 1 + Math.floor(size * kind.most);
    sums.demandDays += 1;
    sums.units += units;
    sums.sumOfSquares += units * units;
    add(weekdays, day % 7, units);
    add(months, month, units);
    add(hours, kind.hours[Math.floor(hour * kind.hours.length)] as number, units);
  }
  return { itemId, days: windowDays, ...sums, weekdays, months, hours };
}

function add(sums: Float64Array, at: number, units: number): void {
  sums[at] = (sums[at] as number) + units;
}
