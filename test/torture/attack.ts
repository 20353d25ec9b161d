import { setTimeout as sleep } from 'node:timers/promises';
import { failPoints } from '../../config/failPoints.ts';
import type { ServiceName } from '../../local/services/types.ts';
import { attackWorker } from './attackWorker.ts';
import type { Gate } from './gate.ts';
import type { Attack } from './plan.ts';
import { isStopped, type Program } from './programs.ts';
import type { Random } from './random.ts';
import type { Servers } from './servers.ts';
import { problemOf, type Shop } from './shop.ts';

/** `hit`: it struck a run that was under way. `atMs`: when, on the wall clock. */
export type Strike = Readonly<{ hit: boolean; atMs: number; problems: readonly string[] }>;

export type Field = Readonly<{ shop: Shop; servers: Servers; gate: Gate; random: Random }>;

const stopPatienceMs = 60_000;
/** A holder that has not beaten for 30 s is taken for dead. */
const leaseMs = 31_000;

/** Does one attack to a run of its own; the run may also have ended before it struck. */
export async function strike(field: Field, attack: Attack): Promise<Strike> {
  switch (attack.kind) {
    case 'fail point': {
      const program = field.shop.once({ FAIL_AT: failAt(attack) });
      const end = await program.ended;
      const problem = problemOf(end);
      return { hit: !end.hung && end.signal === 'SIGKILL', atMs: Date.now(), problems: listed(problem) };
    }
    case 'kill once':
      return struckOnce(field, (program) => program.send('SIGKILL'));
    case 'pause once':
      return struckOnce(field, async (program) => {
        program.send('SIGSTOP');
        await sleep(field.random.between(1_000, 6_000));
        program.send('SIGCONT');
      });
    case 'zombie':
      return zombie(field, failAt(attack));
    case 'kill worker':
      return attackWorker(field);
    case 'kill service':
    case 'pause service':
      return field.gate.alone(() => outage(field, attack.kind, attack.service));
  }
}

function failAt({ point, nth }: { point: string; nth: number }): string {
  if (!failPoints.some((known) => known === point)) throw new Error(`no fail point ${point}`);
  return `${point}@${nth}`;
}

/** Strikes at a random moment of a run and waits for the process to end. */
async function struckOnce({ shop, random }: Field, blow: (program: Program) => void | Promise<void>): Promise<Strike> {
  const program = shop.once();
  await Promise.race([sleep(random.between(500, Math.max(1_000, 0.9 * shop.usualMs()))), program.ended]);
  const hit = program.lives();
  const atMs = Date.now();
  if (hit) await blow(program);
  const end = await program.ended;
  if (!hit) shop.sawRun(end.ms);
  return { hit, atMs, problems: listed(problemOf(end)) };
}

/** A server dies or stands still in mid-run; the run may survive it or end with an error that says so. */
async function outage(field: Field, kind: 'kill service' | 'pause service', service: ServiceName): Promise<Strike> {
  const { servers, random } = field;
  return struckOnce(field, async () => {
    if (kind === 'pause service') {
      servers.pause(service);
      await sleep(random.between(1_000, 9_000));
      servers.resume(service);
      return;
    }
    await servers.kill(service);
    await sleep(random.between(0, 3_000));
    await servers.revive();
  });
}

/** A process sleeps in mid-run for longer than its lease, another takes its run over, then it wakes. */
async function zombie({ shop }: Field, point: string): Promise<Strike> {
  const sleeper = shop.once({ FAIL_AT: `${point}:stop` });
  let asleep = false;
  for (const until = Date.now() + stopPatienceMs; sleeper.lives() && !asleep && Date.now() < until; ) {
    await sleep(100);
    asleep = isStopped(sleeper.pid);
  }
  const atMs = Date.now();
  if (!asleep) return { hit: false, atMs, problems: listed(problemOf(await sleeper.ended)) };
  await sleep(leaseMs);
  const { problems } = await shop.recover(atMs);
  sleeper.send('SIGCONT');
  return { hit: true, atMs, problems: [...problems, ...listed(problemOf(await sleeper.ended))] };
}

function listed(problem: string | undefined): string[] {
  return problem === undefined ? [] : [problem];
}
