import type { Settings } from '../config/settings.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { rememberedInputFolder } from '../lib/postgres/migrate.ts';
import { bringUp, type RunningServices } from '../local/services/bringUp.ts';
import { within } from './patience.ts';
import { type OpenOptions, openPipeline, type Pipeline } from './pipeline.ts';

/** What is under way when a person stops a command gets so long to end by itself. */
const graceMs = 10_000;

/** Finds or starts the services, opens the pipeline, and afterwards closes and stops what this call started. */
export async function withPipeline<T>(
  settings: Settings,
  inputDir: string | undefined,
  say: (line: string) => void,
  signal: AbortSignal,
  work: (pipeline: Pipeline, services: RunningServices) => Promise<T>,
  options: OpenOptions = { dataset: 'made' },
): Promise<T> {
  const services = await bringUp(settings, say, signal);
  try {
    signal.throwIfAborted();
    const pipeline = { ...(await openPipeline(settings, services, inputDir ?? '', options)), stopping: signal };
    const working = work(pipeline, services);
    try {
      return await Promise.race([working, aborted(signal)]);
    } finally {
      // Closed under its feet, it would complain of connections instead of ending.
      if (signal.aborted) await within(graceMs, Promise.allSettled([working]));
      await pipeline.close();
    }
  } finally {
    await services.stop();
  }
}

/** The same for a dataset that is there already, with the input folder that it remembers. @throws ETL_INPUT */
export async function withRememberedInput<T>(
  settings: Settings,
  say: (line: string) => void,
  signal: AbortSignal,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const known = { dataset: 'known' } as const;
  const remembered = async (pipeline: Pipeline) => {
    const inputDir = await rememberedInputFolder(pipeline.db);
    if (inputDir === undefined) {
      throw new TillcastError(
        'ETL_INPUT',
        `dataset ${settings.dataset} never read a folder: npm run once -- --input DIR`,
      );
    }
    return work({ ...pipeline, inputDir });
  };
  return withPipeline(settings, undefined, say, signal, remembered, known);
}

/** The input folder of settings, or a sentence that says how to name one. @throws TillcastError ETL_INPUT */
export function inputFolderOf(settings: Settings): string {
  if (settings.inputDir !== undefined) return settings.inputDir;
  throw new TillcastError(
    'ETL_INPUT',
    'no input folder: name the folder of the exports with --input DIR or INPUT_DIR (npm start simulates stores where none is named)',
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
