import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { TillcastError } from '../../../lib/core/errors.ts';

/** Producer processes that burst together. */
export type Producers = Readonly<{
  /** The first `count` of them make their rows of the burst ready. */
  prepare(count: number, burst: Readonly<{ topic: string; burst: number; rows: number }>): Promise<void>;
  /** Those that are ready send, all at once. */
  go(): void;
  close(): void;
}>;

const root = join(import.meta.dirname, '..', '..', '..');

export function startProducers(count: number, env: NodeJS.ProcessEnv): Producers {
  const all = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, 'producer.ts'), { cwd: root, env, execArgv: ['--import', 'tsx'] }),
  );
  let ready: readonly ChildProcess[] = [];
  return {
    async prepare(wanted, { topic, burst, rows }) {
      ready = all.slice(0, wanted);
      await Promise.all(
        ready.map((child, producer) => {
          // Shares differ by one row at most.
          const share = Math.floor(((producer + 1) * rows) / wanted) - Math.floor((producer * rows) / wanted);
          return told(child, { prepare: { topic, burst, producer, rows: share } });
        }),
      );
    },
    go() {
      for (const child of ready) child.send('go');
    },
    close() {
      for (const child of all) if (child.connected) child.disconnect();
    },
  };
}

/** Tells a producer something and waits for its answer. */
function told(child: ChildProcess, message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      reject(new TillcastError('ETL_KAFKA_PRODUCE', 'a producer of the study ended: its reason stands above'));
    };
    if (!child.connected) ended();
    child.once('exit', ended);
    child.once('message', () => {
      child.off('exit', ended);
      resolve();
    });
    child.send(message);
  });
}
