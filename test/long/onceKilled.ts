import { spawnCommand } from '../support/commandProcess.ts';
import type { TestDataset } from '../support/dataset.ts';

/** Where a `once` is killed: at a fail point, or so long after its run was opened or taken up. */
export type KillAt = Readonly<{ point: string }> | Readonly<{ afterMs: number }>;

/** `once` as an operator starts it, killed by SIGKILL; false where it ended before that could happen. */
export async function onceKilled(dataset: TestDataset, at: KillAt): Promise<boolean> {
  const failAt = 'point' in at ? at.point : '';
  const child = spawnCommand(dataset, 'jobs/onceCommand.ts', [], { FAIL_AT: failAt });
  child.stdout.resume();
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if ('afterMs' in at && /opened:|taking it up/.test(said)) {
      timer ??= setTimeout(() => child.kill('SIGKILL'), at.afterMs);
    }
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, ended) => {
      clearTimeout(timer);
      if (ended === null && code !== 0) reject(new Error(`once ended with ${code}:\n${said}`));
      else resolve(ended);
    });
  });
  return signal === 'SIGKILL';
}
