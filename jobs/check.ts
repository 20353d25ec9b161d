import type { Settings } from '../config/settings.ts';
import { messageOf } from '../lib/core/errors.ts';
import { isGzip } from '../lib/core/fileKind.ts';
import { parseLocalTime } from '../lib/core/localTime.ts';
import { type RowRules, rowParser } from '../lib/core/parseRow.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { fileHeader, type PartReject } from '../lib/source/partRows.ts';
import { referenceRows } from '../lib/source/referenceRows.ts';
import { inspectPart, refusalOf } from './inspectPart.ts';
import { rowRules } from './rowRules.ts';

/** What `once --check` says of one file. `dates` is the format its first times have, `guess` what would fit better. */
export type CheckedFile = Readonly<{
  name: string;
  kind: string;
  rows: number;
  bad: number;
  dates: string;
  firstBad: readonly PartReject[];
  refusal: string | undefined;
}>;

export type CheckResult = Readonly<{
  files: readonly CheckedFile[];
  ignored: readonly string[];
  zones: readonly string[];
}>;

const listedBad = 3;

/** Looks through an input folder without loading anything and without any service: kinds, formats, first bad rows. */
export async function checkInput(settings: Settings, inputDir: string, now: Date): Promise<CheckResult> {
  const folder = await listInput(inputDir);
  const zones = new Map<number, string>();
  const files: CheckedFile[] = folder.refused.map(({ name, reason }) => ({ ...empty(name, ''), refusal: reason }));
  for (const file of folder.files) {
    if (file.kind === 'change' || file.kind === 'count') continue;
    const read = await referenceRows(file.path, file.kind).catch((error) => ({
      refusal: `cannot be read: ${messageOf(error)}`,
    }));
    if ('refusal' in read) files.push({ ...empty(file.name, file.kind), refusal: read.refusal });
    else {
      const firstBad = read.broken.map((row) => ({ ...row, column: '', value: '' })).slice(0, listedBad);
      files.push({ ...empty(file.name, file.kind), rows: read.rows.length, bad: read.broken.length, firstBad });
      if (file.kind !== 'store') continue;
      for (const { values } of read.rows) if (values.timezone) zones.set(Number(values.store_id), values.timezone);
    }
  }
  for (const file of folder.files) {
    if (file.kind !== 'change' && file.kind !== 'count') continue;
    const checked = checkEvents(
      file.name,
      file.path,
      file.sizeBytes,
      file.kind,
      rowRules(settings, zones, now),
      settings,
    );
    files.push(
      await checked.catch((error) => ({
        ...empty(file.name, file.kind),
        refusal: `cannot be read: ${messageOf(error)}`,
      })),
    );
  }
  const used = [...new Set(zones.values())].map((zone) => `${zone} (store file)`);
  return { files, ignored: folder.ignored, zones: [...used, `${settings.timeZone} (TIMEZONE, all other stores)`] };
}

async function checkEvents(
  name: string,
  path: string,
  sizeBytes: number,
  kind: 'change' | 'count',
  rules: RowRules,
  settings: Settings,
): Promise<CheckedFile> {
  const to = isGzip(name) ? Number.MAX_SAFE_INTEGER : sizeBytes;
  const read = await fileHeader(path, kind, to);
  if ('refusal' in read) return { ...empty(name, kind), refusal: read.refusal };
  if ('empty' in read) return empty(name, kind);
  const { header } = read;
  const parse = rowParser(kind, header, rules);
  const formats = new Set<string>();
  const watch = (fields: readonly string[]) => {
    if (formats.size < 3) formats.add(dateFormat(fields[header.position.date_time ?? -1] ?? ''));
    return parse(fields);
  };
  // No line is plain, so that each is seen by its fields.
  const watched = Object.assign(watch, { plain: () => undefined });
  const part = await inspectPart({ path, from: 0, to, linesBefore: 0 }, header, watched, true, settings);
  const { rows, rejected, otherDateOrder, firstRejects } = part;
  const hint = otherDateOrder > 0 ? `; ${otherDateOrder} rows only fit the other DATE_ORDER` : '';
  const dates = [...formats].filter((format) => format !== '').join(', ') + hint;
  const firstBad = firstRejects.slice(0, listedBad);
  return { name, kind, rows, bad: rejected, dates, firstBad, refusal: refusalOf(part, settings) };
}

function dateFormat(text: string): string {
  const time = text.trim();
  if (/^\d{4}-/.test(time)) return 'yyyy-MM-dd HH:mm[:ss]';
  const [mdy, dmy] = [parseLocalTime(time, 'mdy'), parseLocalTime(time, 'dmy')];
  if (mdy === undefined && dmy === undefined) return '';
  if (mdy !== undefined && dmy !== undefined) return 'M/d/yyyy or d/M/yyyy H:mm';
  return mdy === undefined ? 'd/M/yyyy H:mm' : 'M/d/yyyy H:mm';
}

function empty(name: string, kind: string): CheckedFile {
  return { name, kind, rows: 0, bad: 0, dates: '', firstBad: [], refusal: undefined };
}
