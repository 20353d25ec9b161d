import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings, type Settings } from '../config/settings.ts';
import { newestSlot, nextSlot } from '../lib/core/slots.ts';
import { checkOutputOwner } from '../lib/output/outputFolder.ts';
import { newestRuns, runCovering } from '../lib/postgres/ledger.ts';
import { claimInputFolder } from '../lib/postgres/migrate.ts';
import { queuePrefix, redisConnection } from '../lib/queue/connection.ts';
import { openQueues } from '../lib/queue/queues.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { bringUp } from '../local/services/bringUp.ts';
import { openSimulator, simulatorDefaults } from '../local/simulator/simulator.ts';
import { openWeb } from '../web/server.ts';
import { startAlerts } from './alerts.ts';
import { runCommand } from './command.ts';
import { logLine } from './logLine.ts';
import { patiently } from './patience.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { startClock } from './schedule.ts';
import { superviseWorker } from './supervise.ts';

const help = `
npm start

Everything: installs dependencies, finds or starts the four services, simulates a few stores where INPUT_DIR names no
folder, runs the current hour, then stays: clock, workers and web pages. Ctrl-C stops what it started.
Settings come from the environment and .env; README lists them.
`;

/** PostgreSQL may be away for a restart, or longer: the worker goes on when it is back. */
const ledgerPatienceMs = 24 * 3_600_000;

await runCommand({
  help,
  flags: {},
  async run(_flags, signal) {
    const configured = readSettings();
    const demo = configured.inputDir === undefined;
    // What the simulator feeds is always the dataset demo, so that it never mixes with real data.
    const settings = demo ? readSettings({ DATASET: 'demo' }) : configured;
    const inputDir = configured.inputDir ?? join(settings.homeDir, 'demo-input');
    if (!demo) await listInput(inputDir);
    await checkOutputOwner(settings.outputDir, settings.dataset);
    const undo: (() => Promise<unknown>)[] = [];
    try {
      logLine('1/5 services');
      const services = await bringUp(settings, logLine, signal);
      undo.push(() => services.stop());
      logLine(`2/5 dataset ${settings.dataset}`);
      const pipeline = await openPipeline(settings, services, inputDir);
      undo.push(() => pipeline.close());
      await claimInputFolder(pipeline.db, settings.dataset, inputDir);
      logLine(demo ? '3/5 stores: simulated, as INPUT_DIR names no folder' : `3/5 stores: exports in ${inputDir}`);
      const stores = demo ? await demoStores(settings, inputDir) : async () => undefined;
      signal.throwIfAborted();
      logLine('4/5 worker and clock');
      const queues = openQueues(redisConnection(services.redisUrl), queuePrefix(settings.dataset));
      undo.push(() => queues.close());
      const worker = superviseWorker(pipeline);
      undo.push(() => worker.close());
      const startedAt = new Date();
      const clock = startClock(pipeline, queues, logLine, stores);
      undo.push(() => clock.close());
      const web = await openWeb({ pipeline, queues, services: services.services, nextSlot: clock.nextSlot });
      undo.push(() => web.close());
      const alerts = startAlerts(pipeline, web.url, logLine);
      undo.push(() => alerts.close());
      logLine(`5/5 pages: ${web.url} (queues: ${web.url}/queues)`);
      await firstRun(pipeline, startedAt, signal);
      await untilAborted(signal);
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      throw error;
    } finally {
      if (undo.length > 0) logLine('stopping …');
      for (const step of undo.reverse()) await step().catch((error: Error) => logLine(error.message));
      if (undo.length > 0) logLine('stopped; what was counted is kept');
    }
  },
});

/** Waits for the current hour's run and says how it went; a run that is slow is told by the worker's own lines. */
async function firstRun(pipeline: Pipeline, startedAt: Date, signal: AbortSignal): Promise<void> {
  const { schedule } = pipeline.settings;
  const slot = newestSlot(schedule, startedAt);
  const ask = <T>(question: () => Promise<T>) => patiently(question, ledgerPatienceMs);
  for (;;) {
    const done = await ask(() => runCovering(pipeline.db, slot));
    const [newest] = await ask(() => newestRuns(pipeline.db, 1));
    const next = nextSlot(schedule, new Date()).toISOString().slice(11, 16);
    if (done !== undefined) {
      const rows = `${done.rows_new.toLocaleString('en-US')} new rows`;
      const before = done.finished_at !== null && done.finished_at < startedAt;
      logLine(
        before
          ? `run ${done.run_id} did this hour already, its data is kept; next at ${next} UTC`
          : `first run done, next at ${next} UTC (run ${done.run_id}, ${rows}; CSVs in ${pipeline.settings.outputDir})`,
      );
      return;
    }
    if (newest?.status === 'failed' && newest.finished_at !== null && newest.finished_at > startedAt) {
      logLine(`first run failed: ${newest.reason}; mend it and retry in the queue UI, or wait for ${next} UTC`);
      return;
    }
    await sleep(200, undefined, { signal });
  }
}

/** Demo stores: two months of history at the first start, then each hour as it passes. */
async function demoStores(settings: Settings, inputDir: string): Promise<() => Promise<void>> {
  const begin = new Date(Date.now() - simulatorDefaults.days * 86_400_000).toISOString().slice(0, 10);
  const simulator = await openSimulator(
    inputDir,
    { ...simulatorDefaults, startDate: begin },
    join(settings.homeDir, 'demo-input.simulator.json'),
  );
  const advance = async () => {
    const { rowsWritten } = await simulator.advanceTo(new Date());
    if (rowsWritten > 0) logLine(`the simulated stores wrote ${rowsWritten.toLocaleString('en-US')} rows`);
  };
  await advance();
  return advance;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
