import { readSettings } from '../config/settings.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { lineRanges } from '../lib/core/lineRanges.ts';
import { runCommand, say } from './command.ts';
import { type OnceSummary, runOnce } from './once.ts';
import type { Pipeline } from './pipeline.ts';
import { withdrawLines } from './withdraw.ts';
import { withRememberedInput } from './withServices.ts';

const help = `
npm run withdraw -- --file F --lines 10-20 [--dataset NAME] [--output DIR]

Takes wrongly delivered lines of a change file back: an event with the opposite quantity for each, which stays visible
beside it, and a run that counts them and writes the CSVs. The line stays known, so a re-export does not bring it back.
  --file F         the file's name in the dataset's input folder
  --lines 10-20    physical lines, counting the header as 1; also 7, or 3,10-12
  --dataset NAME   the dataset (DATASET, main)
  --output DIR     the folder of the CSVs (OUTPUT_DIR, output/)
The last line of stdout is the run's JSON object, as of npm run once.
`;

await runCommand({
  help,
  flags: {
    file: { type: 'string' },
    lines: { type: 'string' },
    dataset: { type: 'string' },
    output: { type: 'string' },
  },
  async run(flags, signal) {
    const ranges = lineRanges(flags.lines ?? '');
    if (flags.file === undefined || ranges === undefined) {
      process.stderr.write(`Name the file and its lines, as in --file inventory_change_1.csv --lines 10-20.\n${help}`);
      return 2;
    }
    const request = { file: flags.file, ranges };
    const settings = readSettings({ DATASET: flags.dataset, OUTPUT_DIR: flags.output });
    const summary = await withRememberedInput(settings, say, signal, (pipeline) => withdraw(pipeline, request));
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.status === 'failed' ? 1 : 0;
  },
});

async function withdraw(pipeline: Pipeline, request: Parameters<typeof withdrawLines>[1]): Promise<OnceSummary> {
  const { noted, already } = await withdrawLines(pipeline, request, new Date());
  const before = already > 0 ? `, ${already} had been before` : '';
  say(`${request.file}: ${noted} lines are to be taken back${before}`);
  try {
    return await runOnce(pipeline, say);
  } catch (error) {
    if (!(error instanceof TillcastError) || error.code !== 'ETL_RUN_OPEN') throw error;
    throw new TillcastError('ETL_RUN_OPEN', `the lines are noted, and the next run takes them back: ${error.message}`);
  }
}
