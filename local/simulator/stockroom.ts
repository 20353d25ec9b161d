import { firstItemId } from './catalogue.ts';
import { changeLine, changeTypes, snapshotLine } from './exportLines.ts';
import { addLine, lateHour, type Place, type World } from './place.ts';
import { takeDeliveries } from './shelf.ts';

const notCountedAtOpening = 0.02;

/** Counts almost the whole assortment at the first midnight; a few items are first counted in a recount. */
export function countOpening(world: World, place: Place, minute: number): void {
  for (let position = 0; position < place.shelf.items.length; position++) {
    if (!place.random.chance(notCountedAtOpening)) writeCount(world, place, position, minute, staffOf(place));
  }
}

/**
 * The work around the sales of a working day: the deliveries due arrive before the store opens (the web shop's at 6:00),
 * and after it closes (the web shop's at 3:00, before any sale of that minute) one slice of the assortment is recounted.
 */
export function workHour(world: World, place: Place): void {
  const { clock, store, random } = place;
  const { hours, day } = clock.today;
  if (hours === null) return;
  const online = store.region === null;
  const inHour = (minute: number) => minute >= clock.start && minute < clock.start + 60;
  const deliveryMinute = online ? day * 1440 + 360 : hours.opens - 45 + ((day * 7 + store.id) % 30);
  const countMinute = online ? day * 1440 + 180 : hours.closes + 5 + ((day + store.id) % 20);
  if (inHour(deliveryMinute)) for (const position of takeDeliveries(place.shelf, day)) receive(position);
  if (inHour(countMinute)) recount();

  function receive(position: number) {
    const { shelf } = place;
    const quantity = shelf.onOrder[position] ?? 0;
    const item = firstItemId + (shelf.items[position] ?? 0);
    const receipt = `${store.id}-d${day}-${position}`;
    const text = changeLine(receipt, item, store, deliveryMinute, quantity, changeTypes.restock);
    addLine(world, place, 'change', { minute: deliveryMinute, text }, lateHour(world, place));
    shelf.stock[position] = (shelf.stock[position] ?? 0) + quantity;
    shelf.onOrder[position] = 0;
  }

  function recount() {
    const employee = staffOf(place);
    const first = place.rounds % place.countRounds;
    place.rounds++;
    for (let position = first; position < place.shelf.items.length; position += place.countRounds) {
      const late = random.chance(0.02) ? lateHour(world, place) : undefined;
      writeCount(world, place, position, countMinute, employee, late);
    }
  }
}

/** What someone counted: the stock that is there, one in a hundred times one unit wrong. */
function writeCount(
  world: World,
  place: Place,
  position: number,
  minute: number,
  employee: number | null,
  late?: number,
) {
  const { random, shelf, store } = place;
  const there = shelf.stock[position] ?? 0;
  const counted = random.chance(0.01) ? Math.max(0, there + (random.chance(0.5) ? 1 : -1)) : there;
  const item = firstItemId + (shelf.items[position] ?? 0);
  addLine(world, place, 'snapshot', { minute, text: snapshotLine(item, employee, store, minute, counted) }, late);
}

/** An employee's number, null for the web shop; bigger stores have more staff. */
function staffOf({ random, store }: Place): number | null {
  return store.region === null ? null : 1 + random.below(5 + Math.floor(30 * store.size));
}
