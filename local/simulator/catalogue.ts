import { Random } from './random.ts';

const colours = 'Black,White,Red,Blue,Green,Yellow,Grey,Ivory,Navy,Rose,Teal,Sand,Mint,Plum,Copper,Natural'.split(',');
const materials =
  'Oak,Ceramic,Glass,Steel,Cotton,Linen,Bamboo,Wool,Paper,Enamel,Cork,Felt,Slate,Marble,Rattan,Brass'.split(',');
const sizes = ['', ' small', ' large', ' XL', ', set of 2', ', set of 4', ', gift box', ' mini', ' tall', ' round'];
const things = [
  'Mug,Café Cup,Tray,Bowl,Plate,Vase,Candle Holder,Picture Frame,Storage Box,Basket,Lunch Box,Teapot,Jug,Coaster,Clock,Mirror',
  'Hook,Doormat,Cushion,Throw,Apron,Napkin,Tea Towel,Shopping Bag,Notebook,Pencil Case,Cake Stand,Spice Jar,Bread Bin,Lamp',
  'Garden Lantern,Picnic Set,Watering Can,Plant Pot,Parasol,Beach Bag,Lemonade Jar',
  'Bauble,Advent Calendar,Fairy Lights,Stocking,Hot Water Bottle,Wreath,Gift Tag',
].flatMap((list) => list.split(','));
const summerFrom = things.indexOf('Garden Lantern');
const winterFrom = things.indexOf('Bauble');
// A number coprime to the count of names walks through all of them, so neighbours in item_id look unlike each other.
const names = colours.length * materials.length * sizes.length * things.length;
const stride = 61_463;

/** First item_id of the simulated catalogue; item `index` has the id firstItemId + index. */
export const firstItemId = 100_001;

const thingOf = (index: number) => ((index * stride) % names) % things.length;

/** A readable product name, unique up to 112,640 items. @example itemName(0) // 'Black Oak Mug' */
export function itemName(index: number): string {
  let left = Math.floor(((index * stride) % names) / things.length);
  const take = (list: readonly string[]) => {
    const word = list[left % list.length];
    left = Math.floor(left / list.length);
    return word;
  };
  const colour = take(colours);
  const material = take(materials);
  return `${colour} ${material} ${things[thingOf(index)]}${take(sizes)}`;
}

const summer = [0.15, 0.2, 0.4, 0.7, 1, 1, 1, 0.8, 0.5, 0.25, 0.15, 0.15];
const winter = [0.25, 0.15, 0.1, 0.08, 0.05, 0.05, 0.05, 0.08, 0.2, 0.5, 1, 1];

/** How willingly an item is bought in a month (1-12), as a share of its best month. */
export function seasonOfItem(index: number, month: number): number {
  const thing = thingOf(index);
  if (thing < summerFrom) return 1;
  return (thing < winterFrom ? summer : winter)[month - 1] ?? 1;
}

/** Item indexes from the best seller to the slowest, the same for every store of a seed. */
export function itemsByPopularity(items: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: items }, (_, index) => index);
  const random = new Random(seed, 0xca7a, 0);
  for (let last = items - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}
