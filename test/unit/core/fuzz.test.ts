import { expect, test } from '@jest/globals';
import { columnsOf, readHeader } from '../../../lib/core/header.ts';
import { parseLocalTime } from '../../../lib/core/localTime.ts';
import { idLimit, parseWholeNumber, quantityLimit } from '../../../lib/core/wholeNumber.ts';
import { dice } from '../../fuzz/dice.ts';
import { hostileNumbers, hostileTexts, hostileTimes } from '../../fuzz/hostile.ts';
import { localTime, wholeNumber } from '../../fuzz/judge.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const draws = 100_000;

/** A text with one character put in, taken out or turned. */
function mutated(draw: ReturnType<typeof dice>, text: string): string {
  const at = draw.upTo(text.length + 1);
  const put = draw.pick([...'0123456789+-./: eExX_', '\u00a0', '٣', '５', '\r', '\u2028', '00', '99']);
  return text.slice(0, at) + (draw.oneIn(3) ? '' : put) + text.slice(at + (draw.oneIn(2) ? 1 : 0));
}

test(`${draws} whole numbers near every limit and mutated are read as BigInt reads them`, () => {
  const draw = dice(seed);
  const wrong: unknown[] = [];
  for (let round = 0; round < draws; round += 1) {
    const near = BigInt(draw.pick([0, quantityLimit, idLimit, -quantityLimit, -idLimit])) + BigInt(draw.upTo(9) - 4);
    const written = draw.oneIn(3)
      ? draw.pick(hostileNumbers)
      : `${draw.pick(['', '', '+', '00'])}${near}${draw.pick(['', '.0', '.'])}`;
    const text = draw.oneIn(3) ? mutated(draw, written) : written;
    for (const limit of [quantityLimit, idLimit]) {
      const got = parseWholeNumber(text, limit);
      const said = wholeNumber(text, BigInt(limit));
      if (Object.is(got, -0) || got?.toString() !== said?.toString()) wrong.push([text, limit, got, said?.toString()]);
    }
  }
  expect(wrong).toEqual([]);
});

test(`${draws} local times at every boundary and mutated are read as Date arithmetic reads them`, () => {
  const draw = dice(seed);
  let valid = 0;
  const wrong: unknown[] = [];
  for (let round = 0; round < draws; round += 1) {
    const written = draw.oneIn(4) ? draw.pick(hostileTimes) : boundaryTime(draw);
    // Cells are trimmed before they are read.
    const text = (draw.oneIn(3) ? mutated(draw, written) : written).trim();
    const local = parseLocalTime(text, 'mdy');
    const believed = local !== undefined && local >= '2000-01-01 00:00:00' && local <= '2030-01-01 00:00:00';
    if ((believed ? local : undefined) !== localTime(text)) wrong.push([text, local, localTime(text)]);
    if (local === undefined) continue;
    valid += 1;
    const [year, month, day, clock] = [local.slice(0, 4), local.slice(5, 7), local.slice(8, 10), local.slice(11)];
    for (const again of [local, `${Number(day)}/${Number(month)}/${year} ${clock}`]) {
      if (parseLocalTime(again, 'dmy') !== local) wrong.push([text, again, parseLocalTime(again, 'dmy')]);
    }
  }
  expect(wrong).toEqual([]);
  expect(valid).toBeGreaterThan(draws / 5);
});

/** The seconds around ends of days, months and years, written in one of the ways of exports. */
function boundaryTime(draw: ReturnType<typeof dice>): string {
  const year = draw.pick([1999, 2000, 2004, 2023, 2024, 2025, 2028, 2029, 2030, 2100]);
  const at = new Date(Date.UTC(year, draw.upTo(13), 1) + (draw.upTo(5) - 2) * 1_000 + draw.upTo(3) * 86_400_000);
  const iso = at.toISOString();
  const [date, clock] = [iso.slice(0, 10), iso.slice(11, draw.pick([16, 19]))];
  const slashed = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}`;
  return `${draw.oneIn(2) ? date : slashed} ${draw.oneIn(3) ? clock.replace(/^0/, '') : clock}`;
}

test('20,000 mutated headers are read by name, or refused with a sentence that names the column', () => {
  const draw = dice(seed);
  let refused = 0;
  const wrong: unknown[] = [];
  for (let round = 0; round < 20_000; round += 1) {
    const kind = draw.pick(['change', 'count', 'item', 'store', 'changeType'] as const);
    const { required, optional } = columnsOf[kind];
    const known: readonly string[] = [...required, ...optional];
    const names = [...required, ...(draw.oneIn(2) ? optional : [])];
    for (let step = draw.upTo(4); step > 0; step -= 1) {
      const at = draw.upTo(names.length + 1);
      if (draw.oneIn(4)) names.splice(at, 1);
      else names.splice(at, 0, draw.pick([...known, 'id', 'note', 'note', '', '__proto__', ...hostileTexts]));
    }
    const written = names.map((name) =>
      draw.pick([name, name, name.toUpperCase(), ` ${name}\u00a0`, `\ufeff${name}`, `${name}\r`]),
    );
    const times = (column: string) => names.filter((name) => name.trim().toLowerCase() === column).length;
    const faulty = [
      ...required.filter((column) => times(column) === 0),
      ...known.filter((column) => times(column) > 1),
    ];
    const read = readHeader(written, kind);
    if ('refusal' in read) {
      refused += 1;
      if (!faulty.some((column) => read.refusal.includes(column))) wrong.push([written, read.refusal]);
      continue;
    }
    const { header } = read;
    if (faulty.length > 0 || header.width !== written.length) wrong.push([written, faulty, header.width]);
    for (const column of known) {
      const at = header.position[column] ?? -2;
      const name = at < 0 ? undefined : written[at]?.trim().toLowerCase();
      if (name !== (times(column) === 1 ? column : undefined)) wrong.push([written, column, at]);
    }
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(1_000);
});
