import { join } from 'node:path';
import { failPoints } from '../../config/failPoints.ts';
import { type Strike, strike } from './attack.ts';
import { check, type Findings } from './check.ts';
import type { Gate } from './gate.ts';
import { type PlannedAttack, titleOf } from './plan.ts';
import { lastWords } from './programs.ts';
import { seeded, seedOf } from './random.ts';
import type { Servers } from './servers.ts';
import { openShop, type Shop } from './shop.ts';

/** One round: what was done, whether it struck, and all that was not right afterwards. */
export type Round = Readonly<{
  planned: PlannedAttack;
  hit: boolean;
  seconds: number;
  findings: Findings;
  problems: readonly string[];
  polls: number;
  folder: string;
  dataset: string;
  delivered: string;
}>;

export type LaneInput = Readonly<{
  lane: number;
  seed: number;
  home: string;
  servers: Servers;
  gate: Gate;
  signal: AbortSignal;
  next(): PlannedAttack | undefined;
  tell(round: Round): void;
}>;

const roundsPerDataset = 10;
const maxMisses = 6;

/** Plays rounds on datasets of its own, one after the other, until there is no next attack. */
export async function runLane(input: LaneInput): Promise<void> {
  let shop: Shop | undefined;
  let opened = 0;
  let rounds = 0;
  try {
    for (let planned = input.next(); planned !== undefined; planned = input.next()) {
      if (shop === undefined) {
        const random = seeded(seedOf(input.seed, 2, input.lane, opened));
        const name = `torture_${input.lane}_${opened}`;
        shop = openShop(join(input.home, name), name, input.servers, random, input.signal);
        opened += 1;
        rounds = 0;
      }
      rounds += 1;
      const last = rounds === roundsPerDataset;
      const round = await playRound(input, shop, planned, last);
      input.tell(round);
      // A dataset that went wrong stays as it is, to be looked at.
      if (last || round.problems.length > 0) {
        if (round.problems.length === 0) await forget(shop);
        await shop.close();
        shop = undefined;
      }
    }
  } finally {
    await shop?.close();
  }
}

async function playRound(input: LaneInput, shop: Shop, planned: PlannedAttack, last: boolean): Promise<Round> {
  const { gate, servers, signal } = input;
  const random = seeded(seedOf(input.seed, 3, planned.index));
  const halfRunsBefore = shop.reader.halfRuns.length;
  const pollsBefore = shop.reader.polls();
  const problems: string[] = [];
  const delivered: string[] = [];
  let struck: Strike = { hit: false, atMs: Date.now(), problems: [] };
  for (let tries = 0; !struck.hit && tries < maxMisses && problems.length === 0; tries += 1) {
    // A run that ended early (a server that another lane struck) may have read nothing; after a recovery all is read.
    delivered.push(shop.stores.deliver(tries === 0));
    struck = await strike({ shop, servers, gate, random }, planned.attack);
    signal.throwIfAborted();
    problems.push(...struck.problems);
  }
  if (!struck.hit) problems.push(`${titleOf(planned.attack)} did not strike in ${maxMisses} runs`);
  if (struck.hit && planned.attack.kind === 'fail point' && random.chance(0.2)) {
    // Who takes the run up dies too.
    const point = random.pick(failPoints);
    const again = await strike({ shop, servers, gate, random }, { kind: 'fail point', point, nth: 1 });
    problems.push(...again.problems);
    if (again.hit) delivered.push(`killed again at ${point}`);
  }
  if (random.chance(0.3)) delivered.push(shop.stores.more());
  const recovery = await shop.recover(struck.atMs);
  problems.push(...recovery.problems);
  const findings = await gate.shared(() => check(shop));
  problems.push(...findings.differences, ...shop.reader.halfRuns.slice(halfRunsBefore));
  if (last && problems.length === 0) problems.push(...(await verified(shop)));
  return {
    planned,
    hit: struck.hit,
    seconds: recovery.seconds,
    findings,
    problems,
    polls: shop.reader.polls() - pollsBefore,
    folder: join(input.home, shop.name),
    dataset: shop.name,
    delivered: delivered.join('; '),
  };
}

/** The project's own `verify` must agree. */
async function verified(shop: Shop): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    const end = await shop.start('jobs/verifyCommand.ts').ended;
    if (end.code === 0) return [];
    // A server that another lane struck is away for moments.
    if (tries === 5 || /"ok":false/.test(end.out)) return [`verify: ${lastWords(end)}`];
  }
}

async function forget(shop: Shop): Promise<void> {
  await shop.reader.stop();
  // What cannot be forgotten now goes with the servers' folder.
  await shop.start('jobs/resetCommand.ts', {}, ['--dataset', shop.name, '--yes']).ended;
}
