import { readSettings } from '../config/settings.ts';
import { checkOutputOwner } from '../lib/output/outputFolder.ts';
import { claimInputFolder } from '../lib/postgres/migrate.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { runCommand } from './command.ts';
import { follow } from './follow.ts';
import { logLine } from './logLine.ts';
import { inputFolderOf, withPipeline } from './withServices.ts';

const help = `
npm run follow -- [--input DIR] [--output DIR] [--dataset NAME]

The pipeline without the hour: reads the exports as they grow, counts their rows within a second, and writes MongoDB and
the CSVs every PUBLISH_SECONDS (60) in which rows came. Starts the services that are missing. Ctrl-C publishes what was
counted and ends; a second Ctrl-C ends at once, and the next start goes on from there.
  --input DIR      the folder of the exports (INPUT_DIR)
  --output DIR     the folder of the CSVs (OUTPUT_DIR, output/)
  --dataset NAME   the dataset (DATASET, main)
Started more than once for a dataset, the processes share Kafka's partitions (docs/scaling.md).
`;

await runCommand({
  help,
  flags: { input: { type: 'string' }, output: { type: 'string' }, dataset: { type: 'string' } },
  async run(flags, signal) {
    const settings = readSettings({ INPUT_DIR: flags.input, OUTPUT_DIR: flags.output, DATASET: flags.dataset });
    const inputDir = inputFolderOf(settings);
    await listInput(inputDir);
    await checkOutputOwner(settings.outputDir, settings.dataset);
    // While services start a Ctrl-C ends at once; later the first one lets the run come to its end.
    const atOnce = new AbortController();
    const interrupted = () => atOnce.abort(signal.reason);
    signal.addEventListener('abort', interrupted);
    await withPipeline(settings, inputDir, logLine, atOnce.signal, async (pipeline) => {
      signal.removeEventListener('abort', interrupted);
      signal.addEventListener('abort', () => {
        logLine('stopping: publishing what was counted (Ctrl-C again ends at once) …');
        for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));
      });
      await claimInputFolder(pipeline.db, settings.dataset, inputDir);
      logLine(`following ${inputDir}, CSVs in ${settings.outputDir} every ${settings.publishMs / 1000} s with news`);
      await follow(pipeline, logLine, signal);
    });
    logLine('stopped; what was counted is kept');
    return 0;
  },
});
