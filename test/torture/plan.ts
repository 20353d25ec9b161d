import { type FailPointName, failPoints } from '../../config/failPoints.ts';
import { type ServiceName, serviceNames, titles } from '../../local/services/types.ts';
import { type Random, seeded, seedOf } from './random.ts';

/** One thing that is done to the pipeline in a round. */
export type Attack =
  | Readonly<{ kind: 'fail point' | 'zombie'; point: FailPointName; nth: number }>
  | Readonly<{ kind: 'kill once' | 'pause once' | 'kill worker' }>
  | Readonly<{ kind: 'kill service' | 'pause service'; service: ServiceName }>;

export type PlannedAttack = Readonly<{ index: number; attack: Attack }>;

/** The passes of a point that every round has: two files with news, several partitions, more than a dozen CSVs. */
const passes: Partial<Record<FailPointName, number>> = {
  mid_file: 2,
  after_send: 2,
  mid_read: 2,
  mid_csv: 12,
  mid_rename: 12,
};

/**
 * Attacks without end, in blocks of 36: each fail point once, and as many others. So every fail point comes at least
 * five times in 200. `zombies: false` leaves the slow ones out, `only` takes
 * those whose title matches.
 */
export function* attacks(
  seed: number,
  options: { zombies: boolean; only?: RegExp | undefined },
): Generator<PlannedAttack> {
  let index = 0;
  for (let block = 0; ; block += 1) {
    const random = seeded(seedOf(seed, 1, block));
    const points = failPoints.map((point): Attack => ({ kind: 'fail point', ...passOf(point, random) }));
    const zombie: Attack = { kind: 'zombie', ...passOf(random.pick(failPoints), random) };
    const others: Attack[] = [
      ...Array.from({ length: 5 }, (): Attack => ({ kind: 'kill once' })),
      ...Array.from({ length: 3 }, (): Attack => ({ kind: 'kill worker' })),
      { kind: 'pause once' },
      ...serviceNames.flatMap((service): Attack[] => [
        { kind: 'kill service', service },
        { kind: 'pause service', service },
      ]),
      options.zombies ? zombie : { kind: 'kill once' },
    ];
    const chosen = random
      .shuffled([...points, ...others])
      .filter((attack) => options.only?.test(titleOf(attack)) ?? true);
    for (const attack of chosen) yield { index: index++, attack };
    if (index === 0 && block === 50) throw new Error(`no attack matches ${options.only}`);
  }
}

function passOf(point: FailPointName, random: Random) {
  return { point, nth: random.between(1, passes[point] ?? 1) };
}

/** The row of the closing table that an attack belongs to. */
export function kindOf(attack: Attack): string {
  if ('service' in attack) {
    return attack.kind === 'kill service' ? `kill -9 ${titles[attack.service]}` : `pause ${titles[attack.service]}`;
  }
  return {
    'fail point': 'kill -9 at a fail point',
    zombie: 'zombie: SIGSTOP past its lease, then SIGCONT',
    'kill once': 'kill -9 once, any moment',
    'pause once': 'pause once for seconds',
    'kill worker': 'kill -9 the resident worker',
  }[attack.kind];
}

/** The attack itself, for the line of its round. */
export function titleOf(attack: Attack): string {
  return 'point' in attack ? `${attack.kind} ${attack.point}${attack.nth > 1 ? `@${attack.nth}` : ''}` : kindOf(attack);
}
