import { isGzip } from '../lib/core/fileKind.ts';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { noteProgress } from '../lib/postgres/sourceFiles.ts';
import { progressHashes } from '../lib/source/fileNews.ts';
import type { ExportFile } from '../lib/source/inputFolder.ts';
import { loadReferenceFiles, type ReferenceResult } from './loadReferenceFiles.ts';
import type { Pipeline } from './pipeline.ts';

/** Loads the reference files where one of them changed, keeps their rejects, and notes which were read. */
export async function produceReference(
  pipeline: Pipeline,
  run: Run,
  files: readonly ExportFile[],
  applied: ReadonlyMap<string, FileProgress>,
): Promise<ReferenceResult> {
  const changed = files.filter((file) => looksChanged(file, applied.get(file.name)));
  const reference = await loadReferenceFiles(pipeline, run, files, changed.length > 0);
  await keepRejects(pipeline.db, run.run_seq, reference.rejects);
  for (const file of changed) {
    if (!reference.refused.some(({ name }) => name === file.name))
      await noteReference(pipeline, run, file, applied.get(file.name));
  }
  return reference;
}

function looksChanged(file: ExportFile, known: FileProgress | undefined): boolean {
  return (
    known === undefined ||
    known.inode !== file.inode ||
    known.sizeBytes !== file.sizeBytes ||
    known.modifiedMs !== file.modifiedMs
  );
}

async function noteReference(
  pipeline: Pipeline,
  run: Run,
  file: ExportFile,
  known: FileProgress | undefined,
): Promise<void> {
  await noteProgress(pipeline.db, run.run_seq, {
    name: file.name,
    kind: file.kind,
    inode: file.inode,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    reading: (known?.reading ?? 0) + 1,
    appliedTo: file.sizeBytes,
    appliedLines: 0,
    validRows: 0,
    openLineAt: null,
    ...(await progressHashes(file.path, isGzip(file.name) ? 0 : file.sizeBytes, false)),
    wholeTo: null,
    checkedOn: null,
  });
}
