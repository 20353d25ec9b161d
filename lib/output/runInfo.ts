import { join } from 'node:path';
import Papa from 'papaparse';
import { type BomRule, type PendingFile, putInPlace, writePending } from './csvFile.ts';

/** The run that the files of a folder are of. Times are `yyyy-MM-dd HH:mm:ss`, UTC; counts are rows. */
export type RunInfo = Readonly<{
  dataset: string;
  /** `publishing` while files are being replaced, `complete` when all are of one run, `failed` after a failed run. */
  state: 'publishing' | 'complete' | 'failed';
  status: string;
  reason: string;
  trigger: string;
  slot: string;
  covers: string;
  opened_at_utc: string;
  published_at_utc: string;
  files: number;
  files_refused: number;
  rows_read: number;
  rows_new: number;
  rows_duplicate: number;
  rows_rejected: number;
  pairs_changed: number;
  forecast_month: string;
  run_id: string;
  as_of_utc: string;
}>;

const columns = [
  'dataset',
  'state',
  'status',
  'reason',
  'trigger',
  'slot',
  'covers',
  'opened_at_utc',
  'published_at_utc',
  'files',
  'files_refused',
  'rows_read',
  'rows_new',
  'rows_duplicate',
  'rows_rejected',
  'pairs_changed',
  'forecast_month',
  'run_id',
  'as_of_utc',
] as const satisfies readonly (keyof RunInfo)[];

/** Writes run_info.csv by itself, at once: it is the one file that says whether the others belong together. */
export async function writeRunInfo(outputDir: string, info: RunInfo, bom: BomRule): Promise<PendingFile> {
  const oneLine = { ...info, reason: info.reason.replace(/\s+/g, ' ') };
  const text = Buffer.from(`${Papa.unparse([oneLine], { columns: [...columns], newline: '\n' })}\n`, 'utf8');
  const file = await writePending(join(outputDir, 'run_info.csv'), oneChunk(text), bom);
  await putInPlace([file]);
  return file;
}

async function* oneChunk(text: Buffer): AsyncGenerator<Buffer> {
  yield text;
}

/** An instant as outputs write it. @example utcText(new Date(0)) // '1970-01-01 00:00:00' */
export function utcText(instant: Date | null): string {
  return instant === null ? '' : instant.toISOString().slice(0, 19).replace('T', ' ');
}
