import { expect } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { type Dice, dice } from '../fuzz/dice.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { expectOracle, expectRowsAddUp, headerOf, withDataset } from './dataFixture.ts';

/** One event, or the identical lines of one transaction, which stay within one file. */
type Atom = Readonly<{ id: number; kind: 'change' | 'count'; times: number; cells: readonly string[]; at: Date }>;
/** A file as it was delivered last: what it holds, and its text. */
type Delivered = { kind: Atom['kind']; atoms: Atom[]; text: string };

const references = {
  'item_1.csv': `item_id,name,supplier_id,safety_stock_quantity\n${[100, 101, 102].map((id) => `${id},Item ${id},S,20`).join('\n')}\n`,
  'store_1.csv': 'store_id,name,timezone\n0,online,UTC\n1,Berlin,Europe/Berlin\n2,Leeds,Europe/London\n',
  'inventory_change_type.csv': 'change_type_id,change_type\n1,sale\n2,shrink\n3,restock\n4,bopis\n',
};

/**
 * A small world: the web shop and two shops over five months, many events at one time, all change types and unknown
 * ones, returns, counts (two at one time too), identical lines of one transaction. No two atoms hold the same event.
 */
export function world(seed: number, events: number): Atom[] {
  const draw = dice(seed);
  const atoms = new Map<string, Atom>();
  while (atoms.size < events) {
    const month = draw.upTo(5);
    const at = new Date(
      Date.UTC(2025, month, draw.pick([1, 2, 14, 28]), draw.pick([0, 9, 9, 23]), draw.pick([0, 0, 59])),
    );
    const [store, item] = [String(draw.upTo(3)), String(100 + draw.upTo(4))];
    const id = atoms.size;
    if (draw.oneIn(6)) {
      const employee = store === '0' ? '' : `E${draw.upTo(2)}`;
      const cells = [item, employee, store, '', String(draw.upTo(40))];
      atoms.set(`count ${at.getTime()} ${cells}`, { id, kind: 'count', times: 1, cells, at });
      continue;
    }
    const type = draw.pick([1, 1, 1, 2, 3, 4, 9]);
    const units = 1 + draw.upTo(9);
    const quantity = type === 3 ? units * 3 : draw.oneIn(8) ? units : -units;
    const cells = [`T${draw.upTo(events / 2)}`, item, store, '', String(quantity), String(type)];
    const times = draw.oneIn(12) ? 2 + draw.upTo(2) : 1;
    atoms.set(`change ${at.getTime()} ${cells}`, { id, kind: 'change', times, cells, at });
  }
  return [...atoms.values()];
}

/** An atom's lines; other ways to write the same values are drawn where dice are given. */
function linesOf(atom: Atom, draw?: Dice): string[] {
  return Array.from({ length: atom.times }, () => {
    const iso = atom.at.toISOString();
    const { at } = atom;
    const us = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${at.getUTCHours()}:${iso.slice(14, 16)}`;
    const time = draw?.oneIn(2) ? us : iso.slice(0, draw?.oneIn(2) ? 16 : 19).replace('T', ' ');
    const cells = [...atom.cells.with(3, time)];
    if (atom.kind === 'change' && draw?.oneIn(2)) cells[0] = `{${cells[0]}}`;
    if (draw?.oneIn(3) && !cells[4]?.startsWith('-')) cells[4] = `+${cells[4]}`;
    return cells.join(',');
  });
}

const nameOf = (kind: Atom['kind'], name: string) =>
  `inventory_${kind === 'change' ? 'change' : 'snapshot'}_${name}.csv`;

/** Everything in one file of each kind, in one hour: its data files, which the oracle has confirmed. */
export async function deliveredAtOnce(atoms: readonly Atom[]): Promise<Map<string, string>> {
  return withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
    writeReferences(dataset);
    for (const kind of ['change', 'count'] as const) {
      const lines = atoms.filter((atom) => atom.kind === kind).flatMap((atom) => linesOf(atom));
      dataset.write(nameOf(kind, 'all'), `${[headerOf(nameOf(kind, '')), ...lines].join('\n')}\n`);
    }
    const events = atoms.reduce((sum, atom) => sum + atom.times, 0);
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: events, rows_new: events });
    expectOracle(dataset);
    return dataFiles(dataset.outputDir);
  });
}

/**
 * The same atoms over 2 to 5 hours: new files, appended files, files written again in another order, histories exported
 * again under other names, overlaps; in any order, so that most rows are late. The data files must be the expected.
 */
export async function deliveredInDrops(seed: number, atoms: readonly Atom[], files: ReadonlyMap<string, string>) {
  await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
    const draw = dice(seed * 7_919);
    writeReferences(dataset);
    const waiting = shuffled(draw, atoms);
    const delivered = new Map<string, Delivered>();
    const hours = 2 + draw.upTo(4);
    let rowsNew = 0;
    const story: string[] = [];
    for (let hour = 1; hour <= hours; hour += 1) {
      const arriving = waiting.splice(0, hour === hours ? waiting.length : 1 + draw.upTo(waiting.length));
      story.push(`hour ${hour}: ${drop(dataset, draw, delivered, arriving).join(', ')}`);
      const run = await dataset.hour();
      expectRowsAddUp(run);
      expect([story, run.status, run.rows_rejected]).toEqual([story, 'succeeded', 0]);
      rowsNew += run.rows_new;
    }
    const got = dataFiles(dataset.outputDir);
    const differing = [...files].filter(([name, text]) => got.get(name) !== text).map(([name]) => name);
    expect({ seed, story, differing, files: [...got.keys()] }).toEqual({
      seed,
      story,
      differing: [],
      files: [...files.keys()],
    });
    expect([story, rowsNew]).toEqual([story, atoms.reduce((sum, atom) => sum + atom.times, 0)]);
    expectOracle(dataset);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
  });
}

/** Brings the arriving atoms, and some that are known already, in several ways; says which. */
function drop(
  dataset: TestDataset,
  draw: Dice,
  delivered: Map<string, Delivered>,
  arriving: readonly Atom[],
): string[] {
  const said: string[] = [];
  const known = [...new Set([...delivered.values()].flatMap((file) => file.atoms))];
  for (const kind of ['change', 'count'] as const) {
    const rest = arriving.filter((atom) => atom.kind === kind);
    const old = shuffled(
      draw,
      known.filter((atom) => atom.kind === kind),
    );
    const mine = [...delivered].filter(([, file]) => file.kind === kind);
    while (rest.length > 0) {
      const part = rest.splice(0, 1 + draw.upTo(rest.length));
      const again = draw.oneIn(2) ? old.slice(0, draw.upTo(old.length + 1)) : [];
      const [name, file] = mine.length > 0 ? draw.pick(mine) : ['', undefined];
      if (file !== undefined && draw.oneIn(2)) {
        const missing = again.filter((atom) => !file.atoms.includes(atom));
        append(file, shuffled(draw, [...part, ...missing]), draw);
        said.push(`${name} grows by ${part.length} and ${missing.length} known`);
      } else {
        const fresh = nameOf(kind, `${draw.pick(['a', 'm', 'z'])}${delivered.size}`);
        delivered.set(fresh, written(kind, shuffled(draw, [...part, ...again]), draw));
        said.push(`${fresh} brings ${part.length} and ${again.length} known`);
      }
    }
    if (mine.length > 0 && draw.oneIn(3)) {
      const [name, file] = draw.pick(mine);
      delivered.set(name, written(kind, shuffled(draw, file.atoms), draw));
      said.push(`${name} is written again in another order`);
    }
    if (old.length > 0 && draw.oneIn(3)) {
      const fresh = nameOf(kind, `history${delivered.size}`);
      delivered.set(fresh, written(kind, old, draw));
      said.push(`${fresh} brings ${old.length} known`);
    }
  }
  for (const [name, file] of delivered) dataset.write(name, file.text);
  return said;
}

function written(kind: Atom['kind'], atoms: Atom[], draw: Dice): Delivered {
  const file: Delivered = { kind, atoms: [], text: `${draw.pick(['', '\ufeff'])}${headerOf(nameOf(kind, ''))}\n` };
  append(file, atoms, draw);
  return file;
}

/** Lines of one atom need not stand together; the last line may lack its end, which then comes with what follows. */
function append(file: Delivered, atoms: readonly Atom[], draw: Dice): void {
  if (atoms.length === 0) return;
  const end = draw.pick(['\n', '\r\n']);
  const lines = shuffled(
    draw,
    atoms.flatMap((atom) => linesOf(atom, draw)),
  );
  file.text += (file.text.endsWith('\n') ? '' : '\n') + lines.join(end) + (draw.oneIn(4) ? '' : end);
  file.atoms.push(...atoms);
}

function writeReferences(dataset: TestDataset): void {
  for (const [name, text] of Object.entries(references)) dataset.write(name, text);
}

function shuffled<T>(draw: Dice, all: readonly T[]): T[] {
  const mixed = [...all];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = draw.upTo(at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
