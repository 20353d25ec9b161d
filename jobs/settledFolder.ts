import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../lib/postgres/ledger.ts';
import { type InputFolder, listInput } from '../lib/source/inputFolder.ts';
import { endsOpen } from '../lib/source/lineBlocks.ts';
import type { Pipeline, Report } from './pipeline.ts';

/** The folder; a run that a person waits for (`once`, `replay`) first gives last lines without their end the time to settle. */
export async function settledFolder(pipeline: Pipeline, run: Run, report: Report): Promise<InputFolder> {
  const { settleMs } = pipeline.settings;
  const folder = await listInput(pipeline.inputDir);
  if (run.trigger !== 'once' && run.trigger !== 'replay') return folder;
  let waitMs = 0;
  for (const file of folder.files) {
    const stillMs = Date.now() - file.modifiedMs;
    if (stillMs < settleMs && (await endsOpen(file.path, file.sizeBytes)))
      waitMs = Math.max(waitMs, settleMs - stillMs);
  }
  if (waitMs === 0) return folder;
  report(`waiting ${Math.ceil(waitMs / 1000)} s: a file's last line has no line end yet and may still be written`);
  await sleep(waitMs + 100);
  return listInput(pipeline.inputDir);
}
