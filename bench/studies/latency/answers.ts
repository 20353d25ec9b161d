import { median } from 'simple-statistics';
import type { Batch, Result } from './cell.ts';
import type { DatabaseName, Mode } from './stores.ts';

/** What to reach with PostgreSQL in batch mode, seconds. */
const targets = { one: 0.08, six: 0.15 };

const two = (value: number) => value.toFixed(2);
const ms = (seconds: number) => `${(1000 * seconds).toFixed(seconds < 0.1 ? 1 : 0)} ms`;
/** One line in Markdown, wherever the source breaks. */
const paragraph = (text: string) => text.replaceAll(/\s+/g, ' ');

/** The ancestors' questions, answered with this run's figures. */
export function answers({ servers, cells }: Result): string {
  const few = Math.min(...cells.map(({ producers }) => producers));
  const most = Math.max(...cells.map(({ producers }) => producers));
  const middle = (database: DatabaseName, mode: Mode, producers: number, pick: (batch: Batch) => number) => {
    const cell = cells.find((one) => one.producers === producers && one.database === database && one.mode === mode);
    return median((cell?.batches ?? []).map(pick)) / 1000;
  };
  const latency = (database: DatabaseName, mode: Mode, producers: number) =>
    middle(database, mode, producers, ({ latencyMs }) => latencyMs);
  const insert = (database: DatabaseName, mode: Mode) => middle(database, mode, few, ({ insertMs }) => insertMs);
  const inserts = (database: DatabaseName) =>
    `${ms(insert(database, 'single'))} as raw rows, ${ms(insert(database, 'batch'))} as deltas of the batch,
     ${ms(insert(database, 'total'))} as maintained totals`;
  const growth = (database: DatabaseName, mode: Mode) =>
    `${two(latency(database, mode, few))} → ${two(latency(database, mode, most))} s`;
  const mongo = servers.find((server) => /mongo|ferret/i.test(server)) ?? 'the MongoDB server';
  const [one, six] = [latency('PostgreSQL', 'batch', few), latency('PostgreSQL', 'batch', most)];
  const verdict = (reached: number, wanted: number) =>
    `${reached.toFixed(3)} s (${reached <= wanted ? 'at most' : 'above'} ${wanted} s)`;
  const times = (mode: Mode) => two(insert('MongoDB', mode) / insert('PostgreSQL', mode));
  const producers = few === 1 ? 'one producer' : `${few} producers`;
  return [
    `**Rows one by one or in batches?** The writing alone, ${producers}: PostgreSQL ${inserts('PostgreSQL')}; MongoDB
     ${inserts('MongoDB')}. Everything that tillcast keeps of a batch takes PostgreSQL ${ms(insert('PostgreSQL', 'whole'))}.`,
    `**MongoDB or PostgreSQL?** What answered for MongoDB is ${mongo}, so these figures are that server's. The writing
     alone takes it ${times('single')} times as long as PostgreSQL for raw rows, ${times('batch')} times for deltas, and
     ${times('total')} times for maintained totals.`,
    `**More producers?** The same number of rows, from ${few} to ${most} producers: Kafka only ${growth('Kafka only', 'read')};
     PostgreSQL single ${growth('PostgreSQL', 'single')}, batch ${growth('PostgreSQL', 'batch')}, total
     ${growth('PostgreSQL', 'total')}, whole ${growth('PostgreSQL', 'whole')}, follow ${growth('PostgreSQL', 'follow')};
     MongoDB single ${growth('MongoDB', 'single')}, batch ${growth('MongoDB', 'batch')}, total ${growth('MongoDB', 'total')}.`,
    `**To reach** in PostgreSQL's batch mode, median: ${verdict(one, targets.one)} with ${producers},
     ${verdict(six, targets.six)} with ${most}. Spark on such a machine: 0.4 to 1.4 s (known beforehand, not measured here).`,
  ]
    .map(paragraph)
    .join('\n\n');
}
