import { readSettings } from '../config/settings.ts';
import { runCommand, say } from './command.ts';
import { runOnce } from './once.ts';
import { inputFolderOf, withPipeline } from './withServices.ts';

const help = `
npm run once -- [--input DIR] [--output DIR] [--dataset NAME] [--check]

One run, files to CSVs, then exit. Starts the services that are missing and stops them again.
  --input DIR      the folder of the exports (INPUT_DIR)
  --output DIR     the folder of the CSVs (OUTPUT_DIR, output/)
  --dataset NAME   the dataset (DATASET, main)
  --check          only looks: kinds, formats, time zones, first bad rows; loads nothing, starts nothing
The last line of stdout is one JSON object. Exit 0 only if the run succeeded.
`;

await runCommand({
  help,
  flags: {
    input: { type: 'string' },
    output: { type: 'string' },
    dataset: { type: 'string' },
    check: { type: 'boolean' },
  },
  async run(flags, signal) {
    const settings = readSettings({ INPUT_DIR: flags.input, OUTPUT_DIR: flags.output, DATASET: flags.dataset });
    const inputDir = inputFolderOf(settings);
    const summary = await withPipeline(settings, inputDir, say, signal, (pipeline) => runOnce(pipeline, say));
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.status === 'failed' ? 1 : 0;
  },
});
