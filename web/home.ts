import type { RequestHandler } from 'express';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { newestSlot } from '../lib/core/slots.ts';
import { dataUntilUtc } from '../lib/postgres/homePage.ts';
import { lastGoodRun, newestRuns, type Run } from '../lib/postgres/ledger.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { type StepRow, stepsOf } from '../lib/postgres/runSteps.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { homePage } from './homePage.ts';
import type { HomeView, InputView } from './homeView.ts';
import { outputFiles } from './outputFiles.ts';
import { withPatience } from './patience.ts';
import { queueTroubles } from './queueTroubles.ts';
import { doorsWord } from './runNow.ts';
import type { WebInput } from './webInput.ts';

const runsShown = 20;
const inputFilesShown = 10;
const patienceMs = 8_000;
/** A slot is called late when it has had no good run for so long. */
const lateAfterMs = 10 * 60_000;

/** The home page: how fresh the data are, what runs, what failed, and the files that come in and go out. */
export function home(input: WebInput): RequestHandler {
  return async (request, response) => {
    const job = typeof request.query.job === 'string' ? request.query.job : undefined;
    const view = await withPatience(
      homeView(input, job, new Date()),
      patienceMs,
      'PostgreSQL or Redis does not answer; this page works again when they do, and nothing is lost',
    );
    response.type('html').send(homePage(view));
  };
}

async function homeView(input: WebInput, job: string | undefined, now: Date): Promise<HomeView> {
  const { pipeline, queues, services } = input;
  const { settings, db } = pipeline;
  const next = input.nextSlot();
  const [dataUntil, good, runs, word, troubles, output, inputView] = await Promise.all([
    dataUntilUtc(db, settings.timeZone),
    lastGoodRun(db),
    newestRuns(db, runsShown),
    doorsWord(queues, job),
    queueTroubles(queues),
    outputFiles(settings.outputDir),
    inputFiles(pipeline.inputDir),
  ]);
  const open = runs.find((run) => run.finished_at === null);
  return {
    now,
    dataset: settings.dataset,
    dataUntil,
    good,
    next,
    // A dataset without any run is new, not late.
    late: next === null || runs.length === 0 ? undefined : lateSlot(settings.schedule, good, now),
    open: open && { run: open, step: await currentStep(db, open) },
    runs,
    word,
    troubles,
    input: inputView,
    output: { folder: settings.outputDir, ...output },
    services,
  };
}

/** The newest slot, where it should have had its good run by now. */
function lateSlot(schedule: string, good: Run | undefined, now: Date): Date | undefined {
  const slot = newestSlot(schedule, now);
  const done = good !== undefined && (good.opened_at >= slot || (good.slot !== null && good.slot >= slot));
  return done || now.getTime() - slot.getTime() < lateAfterMs ? undefined : slot;
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
