import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../../../lib/core/errors.ts';

export type Answer = Readonly<{ ms: number; bytes: number; status: number; text: string }>;

/** A web server in a process of its own. Memory in MB, resident. */
export type WebProcess = Readonly<{
  url: string;
  ask(path: string): Promise<Answer>;
  memory(): { now: number; peak: number };
  /** The run that it shows, once it shows one. */
  shown(): Promise<string>;
  close(): Promise<void>;
}>;

export async function openWebProcess(env: NodeJS.ProcessEnv): Promise<WebProcess> {
  const program = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'serve.ts')], {
    env: { ...env, PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => program.once('close', () => resolve()));
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value as string | undefined;
  if (url === undefined) throw new TillcastError('ETL_RUN_FAILED', 'the web server of the study did not start');
  const ask = async (path: string) => {
    const from = performance.now();
    const response = await fetch(url + path);
    const body = Buffer.from(await response.arrayBuffer());
    return { ms: performance.now() - from, bytes: body.length, status: response.status, text: body.toString() };
  };
  return {
    url,
    ask,
    memory() {
      const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
      const kb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]);
      return { now: kb('VmRSS') / 1024, peak: kb('VmHWM') / 1024 };
    },
    async shown() {
      for (;;) {
        const { run } = JSON.parse((await ask('/api/stores')).text) as { run: { run_id: string } | null };
        if (run !== null) return run.run_id;
        await sleep(50);
      }
    },
    async close() {
      program.stdin.end();
      await ended;
    },
  };
}
