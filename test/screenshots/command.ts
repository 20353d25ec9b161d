import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, parseSettings } from '../../config/settings.ts';
import { runCommand, say } from '../../jobs/command.ts';
import { openStations } from '../../jobs/stations.ts';
import { nextSlot } from '../../lib/core/slots.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { dropQueues } from '../../lib/queue/queues.ts';
import { bringUp } from '../../local/services/bringUp.ts';
import { openSimulator, simulatorDefaults } from '../../local/simulator/simulator.ts';
import { openWeb } from '../../web/server.ts';
import { openBrowser, until, visit } from '../support/browser.ts';
import { openTestDataset } from '../support/dataset.ts';
import { tellDay } from './story.ts';

const help = `
npm run screenshots -- [--out DIR]

Writes the pictures of README and docs (docs/screenshots/) from simulated data, on servers of its own.
`;

/** Name, address, width, height and theme of each picture; {item} is the lowest pair's. */
const pictures = [
  ['dashboard-light', '/', 1280, 1500, 'light'],
  ['dashboard-dark', '/', 1280, 1500, 'dark'],
  ['dashboard-phone', '/', 360, 800, 'light'],
  ['item-light', '/item/{item}', 1280, 1300, 'light'],
  ['item-dark', '/item/{item}', 1280, 1300, 'dark'],
  ['store-light', '/store/1', 1280, 1300, 'light'],
  ['store-dark', '/store/1', 1280, 1300, 'dark'],
  ['runs-light', '/runs', 1280, 1000, 'light'],
  ['runs-dark', '/runs', 1280, 1000, 'dark'],
  ['run-light', '/runs/{run}', 1280, 1000, 'light'],
  ['run-dark', '/runs/{run}', 1280, 1000, 'dark'],
] as const;

await runCommand({
  help,
  flags: { out: { type: 'string', default: 'docs/screenshots' } },
  async run({ out }, signal) {
    const home = mkdtempSync(join(tmpdir(), 'tillcast-screenshots-'));
    const { TILLCAST_CACHE } = childEnvironment();
    const services = await bringUp(parseSettings({ TILLCAST_HOME: home, TILLCAST_CACHE }), say, signal);
    const undo: (() => Promise<unknown>)[] = [() => services.stop()];
    try {
      const dataset = await openTestDataset({ PORT: '0', DATASET: 'demo' }, services);
      undo.push(() => dataset.close());
      const { pipeline } = dataset;
      const now = new Date();
      const startDate = new Date(now.getTime() - 120 * 86_400_000).toISOString().slice(0, 10);
      const simulator = await openSimulator(
        dataset.inputDir,
        { ...simulatorDefaults, startDate },
        join(home, 'simulator.json'),
      );
      await simulator.advanceTo(now);
      await tellDay(pipeline.db, now);
      say('one run of the simulated stores');
      const { run_id } = await dataset.hour();
      const stations = await openStations(pipeline, queuePrefix(pipeline.settings.dataset), () => undefined);
      undo.push(async () => {
        await dropQueues(stations.queues);
        await stations.close();
      });
      const next = nextSlot(pipeline.settings.schedule, now);
      const web = await openWeb({
        pipeline,
        queues: stations.queues,
        services: services.services,
        nextSlot: () => next,
      });
      undo.push(() => web.close());
      const browser = await openBrowser();
      undo.push(() => browser.close());
      const lowest = (await (await fetch(`${web.url}/api/lowest?limit=1`)).json()) as { rows: { item_id: number }[] };
      mkdirSync(out, { recursive: true });
      for (const [name, path, width, height, look] of pictures) {
        const { page, close } = await visit(browser, { width, height, dark: look === 'dark' });
        await page.goto(web.url + path.replace('{item}', String(lowest.rows[0]?.item_id)).replace('{run}', run_id));
        await until(
          page,
          `document.querySelectorAll('[aria-busy]').length === 0 &&
           [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg'))`,
        );
        await page.screenshot({ path: join(out, `${name}.png`) });
        await close();
        say(`${name}.png`);
      }
      return 0;
    } finally {
      for (const step of undo.reverse()) await step().catch((error: Error) => say(error.message));
      rmSync(home, { recursive: true, force: true });
    }
  },
});
