import { join } from 'node:path';
import { openPipeline } from '../../jobs/pipeline.ts';
import type { Study } from '../study.ts';
import { type MeasuredCell, measuredCell, type Pace } from './latency/cell.ts';
import { writeLatency } from './latency/page.ts';
import { startProducers } from './latency/producers.ts';
import { type Target, withTargets } from './latency/targets.ts';

const dataset = 'latency';
/** Two turns a second halve the time of the study; a batch that takes longer makes the next burst wait its turn. */
const full = { producers: [1, 2, 3, 4, 5, 6], bursts: 40, warmUpBursts: 3, burstEveryMs: 500 };
const small = { producers: [1, 3], bursts: 5, warmUpBursts: 3, burstEveryMs: 500 };
/** Thrown away: all processes meet their code, and the servers their files, before anything is measured. */
const warmUp = { bursts: 10, warmUpBursts: 0, burstEveryMs: 500 };

/** How old rows are when they are stored: producers × databases × modes, batch by batch. */
export const latency: Study = async (context) => {
  const { quick, resultsDir, services, workDir, say, signal } = context;
  const { producers: counts, ...pace } = quick ? small : full;
  const settings = context.settings({ DATASET: dataset, OUTPUT_DIR: join(workDir, 'output') });
  const pipeline = await openPipeline(settings, services, join(workDir, 'input'));
  const producers = startProducers(Math.max(...counts), context.environment({ DATASET: dataset }));
  const cells: MeasuredCell[] = [];
  try {
    await withTargets(pipeline, async (targets) => {
      const measure = async ({ clear, ...plan }: Target, count: number, how: Pace) => {
        await clear();
        return measuredCell({ ...plan, producers: count }, producers, how, signal);
      };
      const whole = targets.find(({ mode }) => mode === 'whole') as Target;
      await measure(whole, Math.max(...counts), warmUp);
      for (const count of counts) {
        for (const target of targets) {
          const { batches, lateBursts } = await measure(target, count, pace);
          const { database, mode } = target;
          cells.push({ producers: count, database, mode, lateBursts, batches });
          say(`${count} producers, ${database} ${mode}: ${batches.length} batches`);
        }
      }
    });
  } finally {
    producers.close();
    await pipeline.close();
  }
  const command = `npm run bench -- latency${quick ? ' --quick' : ''}`;
  const servers = services.services.map(({ server }) => server);
  await writeLatency(resultsDir, { command, servers, ...pace, cells });
};
