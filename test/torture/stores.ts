import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Random } from './random.ts';
import { badChange, badCount, type Clock, changeLines, countLine, headers, referenceFiles } from './storeLines.ts';

type Kind = 'change' | 'count';
type Line = Readonly<{ text: string; bad: boolean }>;
type ExportFile = { name: string; readonly kind: Kind; readonly store: number; lines: Line[]; readonly crlf: boolean };

/** Stores that export into one folder, and what must come of it. */
export type Stores = Readonly<{
  inputDir: string;
  /** All valid lines, each as often as it counts, in one clean file a kind: what the oracle reads. */
  truthDir: string;
  /** How often each `file|line` must stand in rejected_row: as the folder stands now, and stood at each look before. */
  rejects(): ReadonlyMap<string, number>;
  /** How often it may: also as the folder stood between two looks, which a run that was killed may have read or not. */
  possibleRejects(): ReadonlyMap<string, number>;
  /**
   * What a round's exports bring: news in two files at least. Returns it in a few words. `read`: a run has surely read
   * what was delivered before, so that some of it may be taken away.
   */
  deliver(read: boolean): string;
  /** Rows that arrive while a run is under way: only appended. */
  more(): string;
}>;

const storeIds = [0, 1, 2];

export function openStores(folder: string, random: Random, startMs: number): Stores {
  const inputDir = join(folder, 'input');
  const truthDir = join(folder, 'truth');
  const clock: Clock = { startMs, nowMs: startMs, transactions: 0 };
  const files: ExportFile[] = [];
  const sold = new Map<number, string[]>(storeIds.map((store) => [store, []]));
  const rejected = new Map<string, Set<string>>();
  const possible = new Map<string, Set<string>>();
  /** What no run has read yet as it stands now. */
  const changed = new Set<ExportFile>();
  let serial = 0;

  for (const into of [inputDir, truthDir]) {
    mkdirSync(into, { recursive: true });
    for (const [name, text] of referenceFiles) writeFileSync(join(into, name), text);
  }
  for (const kind of ['change', 'count'] as const) writeFileSync(truthFile(kind), `${headers[kind]}\n`);

  return {
    inputDir,
    truthDir,
    rejects() {
      expectRejects(rejected);
      return new Map([...rejected].map(([place, texts]) => [place, texts.size]));
    },
    possibleRejects: () => new Map([...possible].map(([place, texts]) => [place, texts.size])),
    deliver(read) {
      if (read) changed.clear();
      const [first = 0, second = 1] = random.shuffled(storeIds);
      const said = [appendNews(first), newFile(second)];
      const extras = [
        lateRows,
        lateCount,
        badRows,
        exportAgain,
        exportElsewhere,
        overlap,
        repeatLine,
        rename,
        touch,
        vanish,
      ];
      for (const extra of random.shuffled(extras).slice(0, random.between(1, 4))) said.push(extra());
      expectRejects(possible);
      return said.filter((word) => word !== '').join(', ');
    },
    more() {
      const said = appendNews(random.pick(storeIds));
      expectRejects(possible);
      return `${said} meanwhile`;
    },
  };

  function truthFile(kind: Kind): string {
    return join(truthDir, kind === 'change' ? 'inventory_change_all.csv' : 'inventory_snapshot_all.csv');
  }

  function fileOf(kind: Kind, store: number, suffix = ''): ExportFile {
    const name = `inventory_${kind === 'change' ? 'change' : 'snapshot'}_${store}${suffix}.csv`;
    const known = files.find((file) => file.name === name);
    if (known !== undefined) return known;
    const made = { name, kind, store, lines: [], crlf: random.chance(0.3) };
    files.push(made);
    return made;
  }

  /** Valid lines that nobody delivered before: from now on they count. */
  function counts(kind: Kind, store: number, texts: readonly string[]): Line[] {
    if (texts.length > 0) appendFileSync(truthFile(kind), `${texts.join('\n')}\n`);
    if (kind === 'change') sold.get(store)?.push(...texts);
    return texts.map((text) => ({ text, bad: false }));
  }

  function bytes(file: ExportFile, lines: readonly Line[], header: boolean): Buffer {
    const end = file.crlf ? '\r\n' : '\n';
    const texts = [...(header ? [headers[file.kind]] : []), ...lines.map(({ text }) => text)];
    // All is ASCII but one bad byte.
    return Buffer.from(texts.map((text) => text + end).join(''), 'latin1');
  }

  /** As the folder stands now: each bad line once per file, line and text; the header is line 1. */
  function expectRejects(places: Map<string, Set<string>>): void {
    for (const file of files) {
      file.lines.forEach(({ text, bad }, at) => {
        const place = `${file.name}|${at + 2}`;
        if (bad) places.set(place, (places.get(place) ?? new Set()).add(text));
      });
    }
  }

  function append(file: ExportFile, lines: readonly Line[]): void {
    const fresh = file.lines.length === 0;
    file.lines.push(...lines);
    appendFileSync(join(inputDir, file.name), bytes(file, lines, fresh));
    changed.add(file);
  }

  /** Written anew, half of the times beside and renamed, as careful exporters do. */
  function replace(file: ExportFile, lines: readonly Line[]): void {
    file.lines = [...lines];
    const path = join(inputDir, file.name);
    const beside = random.chance(0.5) ? join(inputDir, `.${file.name}.tmp`) : path;
    const content = bytes(file, lines, true);
    writeFileSync(beside, file.name.endsWith('.gz') ? gzipSync(content) : content);
    if (beside !== path) renameSync(beside, path);
    changed.add(file);
  }

  function news(store: number, most: number): Line[] {
    const lines = counts('change', store, changeLines(random, clock, store, random.between(6, most), false));
    // Two identical lines of one transaction both count; they stay in one file.
    const twin = random.chance(0.3) ? random.pick(lines) : undefined;
    return twin === undefined ? lines : [...lines, ...counts('change', store, [twin.text])];
  }

  function appendNews(store: number): string {
    const lines = news(store, 30);
    append(fileOf('change', store), lines);
    return `append ${lines.length}`;
  }

  function newFile(store: number): string {
    serial += 1;
    const lines = news(store, 24);
    if (random.chance(0.25)) {
      const file: ExportFile = {
        name: `inventory_change_${store}_${serial}.csv.gz`,
        kind: 'change',
        store,
        lines: [],
        crlf: false,
      };
      files.push(file);
      replace(file, lines);
      return `new gz ${lines.length}`;
    }
    replace(fileOf('change', store, `_${serial}`), lines);
    return `new file ${lines.length}`;
  }

  function lateRows(): string {
    const store = random.pick(storeIds);
    const lines = counts('change', store, changeLines(random, clock, store, random.between(2, 12), true));
    append(fileOf('change', store), lines);
    return `late ${lines.length}`;
  }

  function lateCount(): string {
    const store = random.pick(storeIds);
    const late = random.chance(0.6);
    const texts = Array.from({ length: random.between(1, 5) }, () => countLine(random, clock, store, late));
    append(fileOf('count', store), counts('count', store, texts));
    return `${late ? 'late counts' : 'counts'} ${texts.length}`;
  }

  function badRows(): string {
    const store = random.pick(storeIds);
    const wrong = random.shuffled(badChange(random, clock, store)).slice(0, random.between(1, 8));
    const good = news(store, 8);
    append(fileOf('change', store), random.shuffled([...good, ...wrong.map((text) => ({ text, bad: true }))]));
    const counted = random.chance(0.5) ? badCount(random, clock, store) : [];
    if (counted.length > 0)
      append(
        fileOf('count', store),
        counted.map((text) => ({ text, bad: true })),
      );
    return `bad ${wrong.length + counted.length}`;
  }

  /** The whole history of a store under the name that it always has; what was bad is left out. */
  function exportAgain(): string {
    const store = random.pick(storeIds);
    replace(fileOf('change', store), [...history(store), ...news(store, 8)]);
    return 'whole history again';
  }

  function exportElsewhere(): string {
    const store = random.pick(storeIds);
    serial += 1;
    const lines = history(store);
    if (lines.length === 0) return '';
    replace(fileOf('change', store, `_full_${serial}`), random.shuffled(lines));
    return 'whole history under another name';
  }

  function overlap(): string {
    const store = random.pick(storeIds);
    const lines = history(store);
    if (lines.length < 2) return '';
    serial += 1;
    const from = random.between(0, lines.length - 2);
    replace(fileOf('change', store, `_part_${serial}`), [
      ...lines.slice(from, from + random.between(1, 60)),
      ...news(store, 10),
    ]);
    return 'overlapping file';
  }

  function history(store: number): Line[] {
    return (sold.get(store) ?? []).map((text) => ({ text, bad: false }));
  }

  /** One more line like one that stands in this file as often as anywhere: a further event. */
  function repeatLine(): string {
    const file = random.pick(
      files.filter(({ kind, name, lines }) => kind === 'change' && !name.endsWith('.gz') && lines.length > 0),
    );
    const all = sold.get(file.store) ?? [];
    const times = (texts: readonly string[], wanted: string) => texts.filter((text) => text === wanted).length;
    const own = file.lines.map(({ text }) => text);
    const candidates = file.lines.filter(({ text, bad }) => !bad && times(own, text) === times(all, text));
    if (candidates.length === 0) return '';
    append(file, counts('change', file.store, [random.pick(candidates).text]));
    return 'identical line';
  }

  function rename(): string {
    const file = random.pick(files);
    serial += 1;
    const name = file.name.replace(/(\.csv)/, `_was_${serial}$1`);
    renameSync(join(inputDir, file.name), join(inputDir, name));
    file.name = name;
    changed.add(file);
    return 'renamed';
  }

  function touch(): string {
    utimesSync(join(inputDir, random.pick(files).name), new Date(), new Date());
    return 'touched';
  }

  /** Taken out of the folder, never before a run has read it: the rows stay. */
  function vanish(): string {
    const old = files.filter((file) => /_(full|part|was)_/.test(file.name) && !changed.has(file));
    if (old.length === 0) return '';
    const file = random.pick(old);
    files.splice(files.indexOf(file), 1);
    rmSync(join(inputDir, file.name));
    return 'file gone';
  }
}
