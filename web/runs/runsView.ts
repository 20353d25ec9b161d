import type { GridDay } from '../../lib/core/runGrid.ts';
import type { Run, RunStatus } from '../../lib/postgres/ledger.ts';
import type { PastRun } from '../../lib/postgres/runHistory.ts';
import type { StepRow } from '../../lib/postgres/runSteps.ts';
import type { InputFolder } from '../../lib/source/inputFolder.ts';
import type { ServiceInfo } from '../../local/services/types.ts';
import type { OutputFiles } from '../outputFiles.ts';

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

/** All that the page of runs shows, at `now`. `dataUntil` is UTC text; `late` the slot that still waits for a good run. */
export type RunsView = Readonly<{
  now: Date;
  dataset: string;
  dataUntil: string | null;
  good: Run | undefined;
  next: Date | null;
  late: Date | undefined;
  open: Readonly<{ run: Run; step: StepRow | undefined }> | undefined;
  /** The newest run that has ended. */
  newest: Run | undefined;
  paused: boolean;
  alerts: Readonly<{ set: boolean; periods: number }>;
  grid: readonly GridDay[];
  /** A page of the runs of one status, or of all. */
  runs: Readonly<{ runs: readonly PastRun[]; total: number; page: number; size: number; status: RunStatus | null }>;
  word: string | undefined;
  troubles: readonly string[];
  input: InputView;
  output: Readonly<{ folder: string } & OutputFiles>;
  services: readonly ServiceInfo[];
}>;
