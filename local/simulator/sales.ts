import { firstItemId, seasonOfItem } from './catalogue.ts';
import { changeLine, changeTypes } from './exportLines.ts';
import { addLine, lateHour, type Place, type World } from './place.ts';
import { drawPosition, orderIfLow } from './shelf.ts';

const linesPerReceipt = 2.6;
const bopisShare = 0.15;

/**
 * Sales, returns and shrink of one store in one hour. The minutes are drawn first and sorted, so that a receipt sells only
 * what earlier ones left; the web shop's orders may be picked up at a store that is open (bopis).
 */
export function sellHour(world: World, place: Place): void {
  const { random, clock } = place;
  if (clock.to <= clock.from) return;
  const receipts = random.poisson((place.linesPerDemand * clock.demand) / linesPerReceipt);
  const minutes = Array.from({ length: receipts }, () => clock.from + random.below(clock.to - clock.from));
  minutes.sort((a, b) => a - b);
  const open = place.store.region === null ? world.places.filter((other) => isShopOpen(other)) : [];
  for (const minute of minutes) {
    const shop = open.length > 0 && random.chance(bopisShare) ? open[random.below(open.length)] : undefined;
    if (shop !== undefined) pickUp(world, place, shop, minute);
    else if (random.chance(0.01)) giveBack(world, place, minute);
    else sell(world, place, minute);
  }
  const losses = random.poisson(place.linesPerDemand * clock.demand * 0.01);
  for (let i = 0; i < losses; i++) lose(world, place, clock.from + random.below(clock.to - clock.from));
}

const isShopOpen = ({ store, clock }: Place) => store.region !== null && clock.to > clock.from;

/** A receipt of one or more lines; a line scanned twice gives two identical lines. */
function sell(world: World, place: Place, minute: number): void {
  const { random, store, shelf } = place;
  const dueHour = lateHour(world, place);
  let receipt: string | undefined;
  do {
    let position = choose(world, place);
    if (shelf.stock[position] === 0 && random.chance(0.4)) position = choose(world, place);
    const quantity = Math.min(unitsOfLine(random.next()), shelf.stock[position] ?? 0);
    if (quantity === 0) continue;
    receipt ??= nextReceipt(place);
    const item = firstItemId + (shelf.items[position] ?? 0);
    const text = changeLine(receipt, item, store, minute, -quantity, changeTypes.sale);
    addLine(world, place, 'change', { minute, text }, dueHour);
    remove(world, place, random.chance(0.003) ? choose(world, place) : position, quantity);
    if (random.chance(0.004) && (shelf.stock[position] ?? 0) >= quantity) {
      addLine(world, place, 'change', { minute, text }, dueHour);
      remove(world, place, position, quantity);
    }
    // What no row tells: theft and breakage that only the next count finds.
    if (random.chance(0.008)) remove(world, place, position, 1);
  } while (random.chance(1 - 1 / linesPerReceipt));
}

/** Buy online, pick up in store: one line of each, same receipt and quantity; the goods leave the store's shelf. */
function pickUp(world: World, web: Place, shop: Place, webMinute: number): void {
  const { random } = web;
  const shopMinute = webMinute - web.clock.start + shop.clock.start;
  if (shopMinute < shop.clock.from || shopMinute >= shop.clock.to) return;
  const wait = random.chance(0.5) ? 0 : random.below(45);
  const pickMinute = Math.min(shop.clock.to - 1, shopMinute + wait);
  const receipt = nextReceipt(web);
  do {
    const position = drawPosition(world.table, shop.shelf.items.length, random.next());
    const quantity = Math.min(unitsOfLine(random.next()), shop.shelf.stock[position] ?? 0);
    if (quantity === 0) continue;
    const item = firstItemId + (shop.shelf.items[position] ?? 0);
    const webText = changeLine(receipt, item, web.store, webMinute, -quantity, changeTypes.bopis);
    const shopText = changeLine(receipt, item, shop.store, pickMinute, -quantity, changeTypes.bopis);
    addLine(world, web, 'change', { minute: webMinute, text: webText });
    addLine(world, shop, 'change', { minute: pickMinute, text: shopText });
    remove(world, shop, position, quantity);
  } while (random.chance(0.3));
}

/** A return: a sale line with a positive quantity. */
function giveBack(world: World, place: Place, minute: number): void {
  const position = choose(world, place);
  const quantity = place.random.chance(0.85) ? 1 : 2;
  writeChange(world, place, position, minute, quantity, changeTypes.sale);
  place.shelf.stock[position] = (place.shelf.stock[position] ?? 0) + quantity;
}

/** Known shrink: broken, expired or stolen before someone's eyes. */
function lose(world: World, place: Place, minute: number): void {
  const position = choose(world, place);
  const quantity = Math.min(1 + place.random.below(3), place.shelf.stock[position] ?? 0);
  if (quantity === 0) return;
  writeChange(world, place, position, minute, -quantity, changeTypes.shrink);
  remove(world, place, position, quantity);
}

/** One change on a receipt of its own, now and then a late one. */
function writeChange(world: World, place: Place, position: number, minute: number, quantity: number, type: number) {
  const item = firstItemId + (place.shelf.items[position] ?? 0);
  const text = changeLine(nextReceipt(place), item, place.store, minute, quantity, type);
  addLine(world, place, 'change', { minute, text }, lateHour(world, place));
}

/** Units of a line: mostly one, rarely a dozen; 1.52 on average. */
function unitsOfLine(uniform: number): number {
  if (uniform < 0.72) return 1;
  if (uniform < 0.88) return 2;
  if (uniform < 0.95) return 3;
  if (uniform < 0.98) return 4;
  return uniform < 0.995 ? 6 : 12;
}

/** The position a customer wants: by popularity, a little by this week's promotion, rarely out of an item's season. */
function choose(world: World, { shelf, random, clock }: Place): number {
  const { promoted, month } = clock.today;
  let position = 0;
  for (let tries = 0; tries < 4; tries++) {
    position = random.chance(0.06)
      ? (promoted[random.below(promoted.length)] ?? 0)
      : drawPosition(world.table, shelf.items.length, random.next());
    const season = seasonOfItem(shelf.items[position] ?? 0, month);
    if (season === 1 || random.chance(season)) break;
  }
  return position;
}

function remove(world: World, { shelf, random, clock }: Place, position: number, quantity: number): void {
  shelf.stock[position] = Math.max(0, (shelf.stock[position] ?? 0) - quantity);
  orderIfLow(shelf, position, world.table, clock.today.day, clock.today.season, random);
}

function nextReceipt(place: Place): string {
  place.receipts++;
  return `${place.store.id}-${place.receipts}`;
}
