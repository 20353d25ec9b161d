import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shuffled } from '../e2e/dataFixture.ts';
import type { TestDataset } from '../support/dataset.ts';
import { random } from '../support/seededRandom.ts';

/** Where the real year stands, if it is there; and the text to print where it is not. */
export const realYear = join('..', 'shared', 'data', 'onlineretail-pos');

/** Identical lines are one bundle: they are never split over two files (the documented limit). */
type Bundle = Readonly<{ lines: readonly string[]; at: number }>;

type Kind = 'change' | 'snapshot';

/** Lines of all files of a kind, with their header. */
function linesOf(kind: Kind): { header: string; bundles: Bundle[] } {
  const prefix = kind === 'change' ? /^inventory_change_(?!type)/ : /^inventory_snapshot_/;
  const found = new Map<string, { lines: string[]; at: number }>();
  let header = '';
  for (const name of readdirSync(realYear).filter((file) => prefix.test(file))) {
    const [first = '', ...lines] = readFileSync(join(realYear, name), 'utf8').replace('\ufeff', '').split('\r\n');
    header = first;
    for (const line of lines) {
      if (line === '') continue;
      const bundle = found.get(line);
      if (bundle === undefined) found.set(line, { lines: [line], at: timeOf(line, kind) });
      else bundle.lines.push(line);
    }
  }
  return { header, bundles: [...found.values()].sort((a, b) => a.at - b.at) };
}

function timeOf(line: string, kind: Kind): number {
  const [date = '', clock = ''] = (line.split(',')[3] ?? '').split(' ');
  const [month = '', day = '', year = ''] = date.split('/');
  const [hour = '', minute = ''] = clock.split(':');
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  if (!Number.isFinite(time)) throw new Error(`no time in ${kind} line ${line}`);
  return time;
}

/** Writes the next drop into the dataset's folder; returns how many lines are new and how many come once more. */
export type Drop = (dataset: TestDataset) => Readonly<{ fresh: number; again: number }>;

/**
 * The real year as `count` drops, the same for the same seed: about in time, with some weeks mixed up, a tenth of the
 * lines late by months, lines of a file shuffled, a fifth delivered again in another file; half of the new lines come
 * by files that grow, half by new files.
 */
export function yearDrops(count: number, seed: number): Drop[] {
  const next = random(seed);
  const kinds = (['change', 'snapshot'] as const).map((kind) => ({ kind, ...linesOf(kind) }));
  const order = mixedWeeks(count, next);
  const drops = order.map(() => new Map<Kind, Bundle[]>(kinds.map(({ kind }) => [kind, []])));
  for (const { kind, bundles } of kinds) {
    bundles.forEach((bundle, rank) => {
      const inTime = order[Math.floor((rank / bundles.length) * count)] ?? 0;
      // Late by months: in one of every tenth drop, so that most drops leave most closed months alone.
      const at = next() < 0.1 ? 9 + 10 * Math.floor(next() * Math.floor(count / 10)) : inTime;
      drops[Math.min(at, count - 1)]?.get(kind)?.push(bundle);
    });
  }
  return drops.map((drop, index) => (dataset) => {
    let fresh = 0;
    let again = 0;
    for (const { kind, header } of kinds) {
      const mine = shuffled(drop.get(kind) ?? [], next);
      const earlier = shuffled(
        drops.slice(Math.max(0, index - 3), index).flatMap((one) => one.get(kind) ?? []),
        next,
      );
      const overlap = earlier.slice(0, Math.floor(mine.length / 5));
      const half = Math.floor(mine.length / 2);
      grow(dataset, `inventory_${kind}_growing_${index % 2}.csv`, header, mine.slice(0, half));
      const rest = shuffled([...mine.slice(half), ...overlap], next);
      const cut = Math.floor(next() * rest.length);
      const parts = [rest.slice(0, cut), rest.slice(cut)];
      parts.forEach((part, at) => {
        if (part.length > 0)
          dataset.write(`inventory_${kind}_drop${index}_${at}.csv`, [header, ...flat(part), ''].join('\r\n'));
      });
      fresh += flat(mine).length;
      again += flat(overlap).length;
    }
    return { fresh, again };
  });
}

/** Drop numbers in time, with neighbours of up to four drops exchanged. */
function mixedWeeks(count: number, next: () => number): number[] {
  const ranks = Array.from({ length: count }, (_, drop) => ({ drop, at: drop + 4 * next() }));
  return ranks.sort((a, b) => a.at - b.at).map(({ drop }) => drop);
}

/** A growing file holds each bundle once: bundles are of one drop, and only their first delivery grows a file. */
function grow(dataset: TestDataset, name: string, header: string, bundles: readonly Bundle[]): void {
  const isNew = !readdirSync(dataset.inputDir).includes(name);
  const lines = [...(isNew ? [header] : []), ...flat(bundles), ''];
  appendFileSync(join(dataset.inputDir, name), lines.join('\r\n'));
}

function flat(bundles: readonly Bundle[]): string[] {
  return bundles.flatMap(({ lines }) => lines);
}
