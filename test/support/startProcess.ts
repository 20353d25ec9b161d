import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnCommand } from './commandProcess.ts';
import type { TestDataset } from './dataset.ts';

/** `npm start` as a process of its own on a test dataset. `lines` grows while it runs. */
export type StartProcess = Readonly<{
  child: ChildProcess;
  lines: string[];
  /** Waits until a line matches; fails with all lines after `patienceMs`. */
  saw(pattern: RegExp, patienceMs: number): Promise<string>;
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<number | null>;
}>;

/** Starts jobs/start.ts with the dataset's servers and folders; `env` comes on top. */
export function startProcess(dataset: TestDataset, env: Record<string, string>): StartProcess {
  const child = spawnCommand(dataset, 'jobs/start.ts', [], { PORT: '0', ...env });
  const lines: string[] = [];
  const keep = (chunk: Buffer) => lines.push(...chunk.toString('utf8').split('\n').filter(Boolean));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    child,
    lines,
    async saw(pattern, patienceMs) {
      const until = Date.now() + patienceMs;
      for (;;) {
        const line = lines.find((candidate) => pattern.test(candidate));
        if (line !== undefined) return line;
        if (Date.now() > until || child.exitCode !== null) {
          throw new Error(`no line like ${pattern} in ${patienceMs} ms:\n${lines.join('\n')}`);
        }
        await sleep(100);
      }
    },
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT');
      return ended;
    },
  };
}
