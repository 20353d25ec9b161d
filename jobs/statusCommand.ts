import { statfs } from 'node:fs/promises';
import { readSettings, type Settings } from '../config/settings.ts';
import { newestSlot, nextSlot } from '../lib/core/slots.ts';
import { health } from '../lib/postgres/health.ts';
import { lastGoodRun, newestRuns, openRunRow, type Run } from '../lib/postgres/ledger.ts';
import { runCommand, say } from './command.ts';
import type { Pipeline } from './pipeline.ts';
import { withPipeline } from './withServices.ts';

const help = `
npm run status -- [--dataset NAME]

The last good run, a run under way, the store that has been silent longest, how far MongoDB is behind, disk left.
Exit 0 where the newest hour is done, 3 where it is not.
`;

await runCommand({
  help,
  flags: { dataset: { type: 'string' } },
  async run(flags, signal) {
    const settings = readSettings({ DATASET: flags.dataset });
    const known = { dataset: 'known' } as const;
    return withPipeline(settings, undefined, say, signal, (pipeline) => printStatus(pipeline, settings), known);
  },
});

async function printStatus(pipeline: Pipeline, settings: Settings): Promise<number> {
  const out = (name: string, text: string) => process.stdout.write(`${name.padEnd(14)} ${text}\n`);
  const now = new Date();
  const slot = newestSlot(settings.schedule, now);
  const good = await lastGoodRun(pipeline.db);
  const [newest] = await newestRuns(pipeline.db, 1);
  const open = await openRunRow(pipeline.db);
  const state = await health(pipeline.db);
  const disk = await statfs(settings.outputDir).catch(() => statfs('.'));
  out('dataset', settings.dataset);
  out('last good run', good === undefined ? 'none yet' : describe(good, now));
  if (newest?.status === 'failed') out('newest run', `${newest.run_id} FAILED: ${newest.reason}`);
  if (open !== undefined) out('under way', `${open.run_id} since ${open.opened_at.toISOString()}`);
  out('data to', state.asOf ?? 'no event yet');
  const silent = state.silentStore;
  if (silent !== undefined) {
    out(
      'silent longest',
      `store ${silent.storeId} ${silent.name ?? ''}: last event ${silent.lastEvent}, ${silent.days} days before the newest`,
    );
  }
  out(
    'MongoDB',
    state.unmirroredRuns === 0 ? 'in step' : `${state.unmirroredRuns} runs behind; the next run catches up`,
  );
  out('disk left', `${((disk.bavail * disk.bsize) / 1e9).toFixed(1)} GB`);
  out('next hour', nextSlot(settings.schedule, now).toISOString());
  return good !== undefined && good.opened_at >= slot ? 0 : 3;
}

function describe(run: Run, now: Date): string {
  const minutes = Math.round((now.getTime() - (run.finished_at ?? now).getTime()) / 60_000);
  return `${run.run_id} ${run.status}, ${minutes} minutes ago, ${run.rows_new.toLocaleString('en-US')} new rows`;
}
