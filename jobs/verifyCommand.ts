import { readSettings } from '../config/settings.ts';
import { adoptLeftRun } from './adopt.ts';
import { runCommand, say } from './command.ts';
import type { Pipeline } from './pipeline.ts';
import { repair } from './repair.ts';
import { type VerifyResult, verify } from './verify.ts';
import { withPipeline, withRememberedInput } from './withServices.ts';

const adoptPatienceMs = 60_000;
const help = `
npm run verify -- [--output DIR] [--dataset NAME] [--repair]

Recounts every store and item from its events and compares PostgreSQL, MongoDB and the CSVs; checks that the runs'
Kafka offsets tile. Changes nothing.
  --repair   makes MongoDB and the CSVs anew from PostgreSQL where they differ (and PostgreSQL's own figures from its
             events where those do), then verifies again
The last line of stdout is JSON {"ok":true,...}; exit 1 and the differences if not.
`;

await runCommand({
  help,
  flags: { output: { type: 'string' }, dataset: { type: 'string' }, repair: { type: 'boolean' } },
  async run(flags, signal) {
    const settings = readSettings({ OUTPUT_DIR: flags.output, DATASET: flags.dataset });
    const { listed, ...result } = await (flags.repair === true
      ? withRememberedInput(settings, say, signal, verifyAndRepair)
      : withPipeline(settings, undefined, say, signal, (pipeline) => verify(pipeline, say), { dataset: 'known' }));
    for (const sentence of listed) process.stdout.write(`${sentence}\n`);
    if (result.differences > listed.length) process.stdout.write(`… and ${result.differences - listed.length} more\n`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok ? 0 : 1;
  },
});

/** Derived figures are made anew, too, where they differ or where documents and files alone did not mend it. */
async function verifyAndRepair(pipeline: Pipeline): Promise<VerifyResult> {
  await adoptLeftRun(pipeline, say, adoptPatienceMs);
  let found = await verify(pipeline, say);
  for (const figures of [found.postgres_differs, true]) {
    if (found.ok) return found;
    for (const sentence of found.listed) say(sentence);
    say(`${found.differences} differences: making ${figures ? 'figures, ' : ''}documents and files anew from events`);
    await repair(pipeline, figures, say);
    found = await verify(pipeline, say);
  }
  if (!found.ok) say('what is left is not derived from events; rebuild it: npm run replay -- --from-files');
  return found;
}
