import type { Run } from '../lib/postgres/ledger.ts';
import type { StepRow } from '../lib/postgres/runSteps.ts';
import type { InputFolder } from '../lib/source/inputFolder.ts';
import type { ServiceInfo } from '../local/services/types.ts';
import type { OutputFile } from './outputFiles.ts';

/** What the page shows of the input folder, or why it cannot. */
export type InputView =
  | Readonly<{ problem: string }>
  | Readonly<{
      folder: string;
      newest: InputFolder['files'];
      count: number;
      ignored: number;
      refused: InputFolder['refused'];
    }>;

/** All that the home page shows, at `now`. `dataUntil` is UTC text; `late` the slot that still waits for a good run. */
export type HomeView = Readonly<{
  now: Date;
  dataset: string;
  dataUntil: string | null;
  good: Run | undefined;
  next: Date | null;
  late: Date | undefined;
  open: Readonly<{ run: Run; step: StepRow | undefined }> | undefined;
  runs: readonly Run[];
  word: string | undefined;
  troubles: readonly string[];
  input: InputView;
  output: Readonly<{ folder: string; current: readonly OutputFile[]; archived: readonly OutputFile[] }>;
  services: readonly ServiceInfo[];
}>;
