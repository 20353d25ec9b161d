import { readSettings } from '../config/settings.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { readRunInfo } from '../lib/output/outputFolder.ts';
import { writeCompanions } from '../lib/output/tableau/companions.ts';
import { packagedName, writePackagedWorkbook } from '../lib/output/tableau/packagedWorkbook.ts';
import { runCommand, say } from './command.ts';

const help = `
npm run tableau -- [--output DIR] [--packaged] [--replace]

Writes the files for Tableau beside the CSVs: a data source (.tds) per CSV, the workbook retail_pos.twb, and retail_pos.pq for
Power Query. Each run of tillcast does the same by itself. What a person saved is left alone: a newer file stands beside it.
  --output DIR   the folder of the CSVs (OUTPUT_DIR, output/)
  --packaged     also retail_pos.twbx, workbook and CSVs in one file, for Tableau Reader and Tableau Public
  --replace      also over what a person saved, which is kept under another name
`;

await runCommand({
  help,
  flags: { output: { type: 'string' }, packaged: { type: 'boolean' }, replace: { type: 'boolean' } },
  async run(flags) {
    const { outputDir } = readSettings({ OUTPUT_DIR: flags.output });
    const before = await completeRun(outputDir);
    const { written, beside } = await writeCompanions(outputDir, flags.replace === true);
    say(
      written.length === 0
        ? `nothing to write in ${outputDir}: all is there`
        : `wrote ${written.join(', ')} in ${outputDir}`,
    );
    for (const name of beside) say(`a person's file is kept: ${name} stands beside it`);
    if (flags.packaged !== true) return 0;
    const bytes = await writePackagedWorkbook(outputDir, (name) => say(`packing ${name}`));
    if ((await completeRun(outputDir)) !== before) {
      throw new TillcastError(
        'ETL_RUN_OPEN',
        `a run replaced the CSVs while they were packed: give the same command again`,
      );
    }
    process.stdout.write(`${outputDir}/${packagedName}: ${(bytes / 1e6).toFixed(1)} MB, of run ${before}\n`);
    return 0;
  },
});

/** The run whose files stand in the folder. @throws TillcastError where there is none, or they are being replaced */
async function completeRun(outputDir: string): Promise<string> {
  const info = await readRunInfo(outputDir);
  if (info === undefined) {
    throw new TillcastError(
      'ETL_INPUT',
      `${outputDir} holds no CSVs of tillcast yet: npm run once or npm start writes them`,
    );
  }
  if (info.state !== 'complete') {
    throw new TillcastError('ETL_RUN_OPEN', `the CSVs in ${outputDir} are being replaced: try again in a moment`);
  }
  return info.run_id ?? '';
}
