import { readSettings } from '../config/settings.ts';
import { runCommand, say } from './command.ts';
import type { Pipeline } from './pipeline.ts';
import { repair } from './repair.ts';
import { type VerifyResult, verify } from './verify.ts';
import { withPipeline } from './withServices.ts';

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
    const known = { dataset: 'known' } as const;
    const work = (pipeline: Pipeline) => verifyAndRepair(pipeline, flags.repair === true);
    const { listed, ...result } = await withPipeline(settings, undefined, say, signal, work, known);
    for (const sentence of listed) process.stdout.write(`${sentence}\n`);
    if (result.differences > listed.length) process.stdout.write(`… and ${result.differences - listed.length} more\n`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok ? 0 : 1;
  },
});

async function verifyAndRepair(pipeline: Pipeline, mayRepair: boolean): Promise<VerifyResult> {
  const before = await verify(pipeline, say);
  if (before.ok || !mayRepair) return before;
  for (const sentence of before.listed) say(sentence);
  say(`${before.differences} differences: making them good from PostgreSQL`);
  await repair(pipeline, before.postgres_differs, say);
  return verify(pipeline, say);
}
