import { expect, test } from '@jest/globals';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';
import { decodeEvent, encodeEvent } from '../../../lib/kafka/eventMessage.ts';
import { type Dice, dice } from '../../fuzz/dice.ts';
import { mutatedBytes } from '../../fuzz/eventFiles.ts';
import { hostileNumbers, hostileTexts, hostileTimes } from '../../fuzz/hostile.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const draws = 100_000;
const sent = '2026-11-05T09:00:00.000Z';
const id = '74253dcc-544d-42cf-1d3c-c11ec8c4741e';

function event(draw: Dice): IdentifiedEvent {
  const common = { eventId: id, storeId: draw.upTo(9), itemId: draw.upTo(900), dateTime: '2025-12-31 23:59:59' };
  const text = draw.pick(hostileTexts);
  return draw.oneIn(3)
    ? {
        ...common,
        kind: 'count',
        quantity: 5,
        changeTypeId: null,
        transId: null,
        employeeId: text,
        leadingZeros: false,
      }
    : { ...common, kind: 'change', quantity: -5, changeTypeId: 1, transId: text, employeeId: '', leadingZeros: false };
}

/** A message with some field of another kind, or with bytes turned. */
function message(draw: Dice): Buffer {
  const fields = JSON.parse(encodeEvent(event(draw), { file: 'inventory_change_1.csv', line: 2 }, sent));
  const names = Object.keys(fields);
  for (let step = draw.upTo(3); step > 0; step -= 1) {
    const name = draw.pick([...names, 'trans_id', 'employee_id', '__proto__', 'extra']);
    if (draw.oneIn(6)) delete fields[name];
    else {
      const text = draw.pick([
        ...hostileTexts,
        ...hostileNumbers,
        ...hostileTimes,
        id.toUpperCase(),
        '\ud800',
        'a\0',
        'change',
        'count',
      ]);
      const number = Number(draw.pick(hostileNumbers));
      fields[name] = draw.pick([
        text,
        text,
        number,
        number,
        -number,
        null,
        true,
        [text],
        { [name]: text },
        1e300,
        0.5,
        2 ** 53,
      ]);
    }
  }
  const bytes = Buffer.from(JSON.stringify(draw.oneIn(50) ? draw.pick([[fields], 'x', null, 5]) : fields));
  return draw.oneIn(3) ? mutatedBytes(draw, bytes) : bytes;
}

test(`of ${draws} mutated messages none throws, and none is taken for an event that was not sent as one`, () => {
  const draw = dice(seed);
  const wrong: unknown[] = [];
  let accepted = 0;
  for (let round = 0; round < draws; round += 1) {
    const bytes = message(draw);
    const decoded = decodeEvent(bytes);
    if ('reason' in decoded) continue;
    accepted += 1;
    if (!saysTheSame(bytes, decoded.event)) wrong.push([bytes.toString('latin1'), decoded.event]);
  }
  expect(wrong).toEqual([]);
  expect([accepted > draws / 10, accepted < draws / 1.2]).toEqual([true, true]);
});

/** What the producer writes for this event holds the very values of the message, and all of them can stand in a table. */
function saysTheSame(bytes: Buffer, event: IdentifiedEvent): boolean {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
  const written = JSON.parse(encodeEvent(event, { file: '', line: 1 }, sent)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(written)) {
    if (['file', 'line', 'sent_time'].includes(name)) continue;
    if (value !== said[name] || (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())))
      return false;
  }
  const at = new Date(`${event.dateTime.replace(' ', 'T')}Z`);
  return (
    at.toISOString().slice(0, 19).replace('T', ' ') === event.dateTime &&
    Math.abs(event.quantity) < 2 ** 31 &&
    (event.kind === 'change' ? event.transId !== '' : event.quantity >= 0)
  );
}
