import { readSettings } from '../config/settings.ts';
import { checkOutputOwner } from '../lib/output/outputFolder.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { type CheckResult, checkInput } from './check.ts';
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
    if (flags.check === true) return printCheck(await checkInput(settings, inputDir, new Date()));
    // Before any service is started, and before the dataset is bound to a folder that is not there.
    await listInput(inputDir);
    await checkOutputOwner(settings.outputDir, settings.dataset);
    const summary = await withPipeline(settings, inputDir, say, signal, (pipeline) => runOnce(pipeline, say));
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.status === 'failed' ? 1 : 0;
  },
});

/** Exit 0 where every file would be read, 1 where one would be refused. */
function printCheck({ files, ignored, zones }: CheckResult): number {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  for (const file of files) {
    const bad = file.bad > 0 ? `, ${file.bad.toLocaleString('en-US')} bad` : '';
    out(
      `${file.name}: ${file.kind || 'export'}, ${file.rows.toLocaleString('en-US')} rows${bad}${file.dates ? `, times ${file.dates}` : ''}`,
    );
    if (file.refusal !== undefined) out(`  REFUSED: ${file.refusal}`);
    for (const row of file.firstBad)
      out(`  line ${row.line}: ${row.column} ${row.reason}, got ${JSON.stringify(row.value || row.raw)}`);
  }
  for (const name of ignored) out(`${name}: ignored, its name is none of the export files`);
  out(`time zones: ${zones.join(', ')}`);
  const sum = (pick: (file: CheckResult['files'][number]) => number) =>
    files.reduce((total, file) => total + pick(file), 0);
  const refused = files.filter((file) => file.refusal !== undefined).length;
  const result = { files: files.length, files_refused: refused, files_ignored: ignored.length };
  out(
    JSON.stringify({ ok: refused === 0, ...result, rows: sum((file) => file.rows), rows_bad: sum((file) => file.bad) }),
  );
  return refused === 0 ? 0 : 1;
}
