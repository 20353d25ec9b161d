import { setTimeout as sleep } from 'node:timers/promises';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { type ExportFile, type InputFolder, listInput } from '../lib/source/inputFolder.ts';
import { endsOpen } from '../lib/source/lineBlocks.ts';
import type { Pipeline, Report } from './pipeline.ts';

/** `seenStill`: names of files that were watched for SETTLE_SECONDS and did not change. */
export type SettledFolder = InputFolder & Readonly<{ seenStill: ReadonlySet<string> }>;

/** The folder; a run that a person waits for (`once`, `replay`) first gives last lines without their end the time to settle. */
export async function settledFolder(pipeline: Pipeline, run: Run, report: Report): Promise<SettledFolder> {
  const { settleMs } = pipeline.settings;
  const folder = await listInput(pipeline.inputDir);
  const unwatched = { ...folder, seenStill: new Set<string>() };
  if (run.trigger !== 'once' && run.trigger !== 'replay') return unwatched;
  let waitMs = 0;
  for (const file of folder.files) {
    // A time in the future (another clock, or one that went back) must not make anybody wait for it.
    const stillMs = Math.max(0, Date.now() - file.modifiedMs);
    if (stillMs < settleMs && (await endsOpen(file.path, file.sizeBytes)))
      waitMs = Math.max(waitMs, settleMs - stillMs);
  }
  if (waitMs === 0) return unwatched;
  report(`waiting ${Math.ceil(waitMs / 1000)} s: a file's last line has no line end yet and may still be written`);
  await sleep(waitMs + 100);
  const after = await listInput(pipeline.inputDir);
  const before = new Map(folder.files.map((file) => [file.name, file]));
  const still = after.files.filter((file) => waitMs >= settleMs && isSame(file, before.get(file.name)));
  return { ...after, seenStill: new Set(still.map(({ name }) => name)) };
}

/**
 * Whether a last line without its end may be taken: the file's time is SETTLE_SECONDS ago. Where that time lies in the
 * future it says nothing; then it counts that the file was seen unchanged, by this run or since the last one.
 */
export function isSettled(
  file: ExportFile,
  known: FileProgress | undefined,
  seenStill: ReadonlySet<string>,
  settleMs: number,
): boolean {
  const stillMs = Date.now() - file.modifiedMs;
  if (stillMs >= settleMs || settleMs === 0 || seenStill.has(file.name)) return true;
  return stillMs < 0 && known?.modifiedMs === lineWaitsMark && known.sizeBytes === file.sizeBytes;
}

/** The time that is remembered of a file with a line that waits, so that it looks changed to the next run. */
export const lineWaitsMark = -1;

function isSame(one: ExportFile, other: ExportFile | undefined): boolean {
  return one.inode === other?.inode && one.sizeBytes === other.sizeBytes && one.modifiedMs === other.modifiedMs;
}
