import { setTimeout as sleep } from 'node:timers/promises';
import { failPoints } from '../../config/failPoints.ts';
import type { ServiceName } from '../../local/services/types.ts';
import { attackWorker } from './attackWorker.ts';
import type { Gate } from './gate.ts';
import type { Attack } from './plan.ts';
import { type Ended, isStopped, type Program } from './programs.ts';
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
    case 'fail point':
      return struckAtPoint(field, failAt(attack));
    case 'six times':
      return sixTimes(field, failAt(attack));
    case 'kill once':
      return struckOnce(field, async (program) => {
        program.send('SIGKILL');
        return diedBySigkill(await program.ended);
      });
    case 'pause once':
      return struckOnce(field, async (program) => {
        program.send('SIGSTOP');
        await sleep(field.random.between(1_000, 6_000));
        program.send('SIGCONT');
        return true;
      });
    case 'zombie':
      return zombie(field, () => asleepAt(field, failAt(attack)));
    case 'late zombie':
      return zombie(field, () => asleepLate(field));
    case 'rivals':
      return rivals(field);
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

/** A process that kills itself at a point of its run. */
async function struckAtPoint({ shop }: Field, point: string): Promise<Strike> {
  const end = await shop.once({ FAIL_AT: point }).ended;
  return { hit: diedBySigkill(end), atMs: Date.now(), problems: listed(problemOf(end)) };
}

/** Each process that takes the run up dies where the one before it died. */
async function sixTimes(field: Field, point: string): Promise<Strike> {
  const first = await struckAtPoint(field, point);
  let last = first;
  for (let again = 2; again <= 6 && last.hit && last.problems.length === 0; again += 1) {
    last = await struckAtPoint(field, point);
  }
  return last.hit ? last : { ...last, hit: first.hit };
}

/** Two operators start a run at nearly the same time, and one process dies. */
async function rivals({ shop, random }: Field): Promise<Strike> {
  const first = shop.once();
  await sleep(random.between(0, 1_500));
  const second = shop.once();
  await sleep(random.between(300, shop.usualMs()));
  const victim = random.pick([first, second]);
  const atMs = Date.now();
  victim.send('SIGKILL');
  const ends = await Promise.all([first.ended, second.ended]);
  const problems = ends.flatMap((end) => listed(problemOf(end)));
  return { hit: diedBySigkill(await victim.ended), atMs, problems };
}

/** Strikes at a random moment of a run and waits for the process to end; the blow says whether it struck. */
async function struckOnce({ shop, random }: Field, blow: (program: Program) => Promise<boolean>): Promise<Strike> {
  const program = shop.once();
  await Promise.race([sleep(random.between(500, Math.max(1_000, 0.9 * shop.usualMs()))), program.ended]);
  const atMs = Date.now();
  const hit = program.lives() && (await blow(program));
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
      return true;
    }
    await servers.kill(service);
    await sleep(random.between(0, 3_000));
    await servers.revive();
    return true;
  });
}

/** A process sleeps in mid-run for longer than its lease, another takes its run over, then it wakes. */
async function zombie({ shop }: Field, fallAsleep: () => Promise<Program>): Promise<Strike> {
  const sleeper = await fallAsleep();
  const atMs = Date.now();
  if (!isStopped(sleeper.pid)) {
    sleeper.send('SIGCONT');
    return { hit: false, atMs, problems: listed(problemOf(await sleeper.ended)) };
  }
  await sleep(leaseMs);
  const { problems } = await shop.recover(atMs);
  sleeper.send('SIGCONT');
  return { hit: true, atMs, problems: [...problems, ...listed(problemOf(await sleeper.ended))] };
}

async function asleepAt({ shop }: Field, point: string): Promise<Program> {
  const sleeper = shop.once({ FAIL_AT: `${point}:stop` });
  for (const until = Date.now() + stopPatienceMs; sleeper.lives() && Date.now() < until; await sleep(100)) {
    if (isStopped(sleeper.pid)) break;
  }
  return sleeper;
}

/** At a random moment after the run counts: while MongoDB and the CSVs are written. */
async function asleepLate({ shop, random }: Field): Promise<Program> {
  const sleeper = shop.once();
  for (const until = Date.now() + stopPatienceMs; sleeper.lives() && Date.now() < until; await sleep(10)) {
    if (/^apply: /m.test(sleeper.said())) break;
  }
  await sleep(random.between(0, 400));
  sleeper.send('SIGSTOP');
  await sleep(50);
  return sleeper;
}

function diedBySigkill(end: Ended): boolean {
  return !end.hung && end.signal === 'SIGKILL';
}

function listed(problem: string | undefined): string[] {
  return problem === undefined ? [] : [problem];
}
