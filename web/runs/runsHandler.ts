import type { RequestHandler } from 'express';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import { lateSlot } from '../../lib/core/slots.ts';
import { clockPaused } from '../../lib/postgres/clockSwitch.ts';
import { dataUntilUtc } from '../../lib/postgres/homePage.ts';
import { lastGoodRun, newestEnded, openRunRow, type Run, type RunStatus } from '../../lib/postgres/ledger.ts';
import type { Database } from '../../lib/postgres/pool.ts';
import { runPage } from '../../lib/postgres/runHistory.ts';
import { type StepRow, stepsOf } from '../../lib/postgres/runSteps.ts';
import { listInput } from '../../lib/source/inputFolder.ts';
import { outputFiles } from '../outputFiles.ts';
import { withPatience } from '../patience.ts';
import type { WebInput } from '../webInput.ts';
import { readGrid } from './grid.ts';
import { queueTroubles } from './queueTroubles.ts';
import { away } from './runHandler.ts';
import { doorsWord } from './runNow.ts';
import { runsPage } from './runsPage.ts';
import type { InputView, RunsView } from './runsView.ts';
import { sayingOf } from './sayings.ts';

const runsShown = 20;
const gridDays = 14;
const statuses: readonly RunStatus[] = ['running', 'succeeded', 'succeeded_with_warnings', 'failed'];
const inputFilesShown = 10;
const patienceMs = 8_000;

/** The page of runs: what runs, what became of each hour, what failed, and the files that come in and go out. */
export function runs(input: WebInput): RequestHandler {
  return async (request, response) => {
    const { job, status, page } = request.query;
    const asked = {
      job: typeof job === 'string' ? job : undefined,
      status: statuses.find((one) => one === status) ?? null,
      page: typeof page === 'string' && /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
    };
    const view = await withPatience(runsView(input, asked, new Date()), patienceMs, away);
    const said = sayingOf(request.query.said);
    response.type('html').send(runsPage(said === undefined ? view : { ...view, word: said }));
  };
}

type Asked = Readonly<{ job: string | undefined; status: RunStatus | null; page: number }>;

async function runsView(input: WebInput, { job, status, page }: Asked, now: Date): Promise<RunsView> {
  const { pipeline, queues, services } = input;
  const { settings, db } = pipeline;
  const next = input.nextSlot();
  const filter = { status: status === null ? null : [status], from: null, to: null };
  const [dataUntil, good, past, [newest], open, paused, grid, word, troubles, output, inputView] = await Promise.all([
    dataUntilUtc(db, settings.timeZone),
    lastGoodRun(db),
    runPage(db, filter, page, runsShown),
    newestEnded(db),
    openRunRow(db),
    clockPaused(db),
    readGrid(db, settings.schedule, gridDays, now),
    doorsWord(queues, job),
    queueTroubles(queues),
    outputFiles(settings.outputDir),
    inputFiles(pipeline.inputDir),
  ]);
  return {
    now,
    dataset: settings.dataset,
    dataUntil,
    good,
    next,
    // A dataset without any run is new, not late.
    late:
      next === null || paused || (newest === undefined && open === undefined)
        ? undefined
        : lateSlot(settings.schedule, good, now),
    newest,
    paused,
    alerts: { set: settings.alertWebhook !== undefined, periods: settings.alertAbsencePeriods },
    grid,
    open: open && { run: open, step: await currentStep(db, open) },
    runs: { ...past, page, size: runsShown, status },
    word,
    troubles,
    input: inputView,
    output: { folder: settings.outputDir, ...output },
    services,
  };
}

async function currentStep(db: Database, run: Run): Promise<StepRow | undefined> {
  return (await stepsOf(db, run.run_seq)).at(-1);
}

async function inputFiles(inputDir: string): Promise<InputView> {
  if (inputDir === '') return { problem: 'no input folder is set: name one with INPUT_DIR' };
  try {
    const { files, ignored, refused } = await listInput(inputDir);
    const newest = [...files].sort((a, b) => b.modifiedMs - a.modifiedMs).slice(0, inputFilesShown);
    return { folder: inputDir, newest, count: files.length, ignored: ignored.length, refused };
  } catch (error) {
    if (error instanceof TillcastError) return { problem: messageOf(error) };
    throw error;
  }
}
