import { type FailPointName, failPoints } from '../../config/failPoints.ts';
import { type ServiceName, serviceNames, titles } from '../../local/services/types.ts';
import { type Random, seeded, seedOf } from './random.ts';

/** One thing that is done to the pipeline in a round. */
export type Attack =
  | Readonly<{ kind: 'fail point' | 'zombie' | 'six times'; point: FailPointName; nth: number }>
  | Readonly<{ kind: 'kill once' | 'pause once' | 'kill worker' | 'rivals' | 'late zombie' }>
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

/** Points inside a step: a process that takes the run up passes them again. */
const insideSteps: readonly FailPointName[] = [
  'mid_file',
  'after_send',
  'mid_read',
  'before_commit',
  'mid_mirror',
  'before_mirror_flag',
  'mid_csv',
  'mid_rename',
];

/**
 * Attacks without end, in blocks of 38: each fail point once, and some more others. So every fail point comes at least
 * five times in 200. `slow: false` leaves those out that take a minute, `only` takes those whose title matches.
 */
export function* attacks(
  seed: number,
  options: { slow: boolean; only?: RegExp | undefined },
): Generator<PlannedAttack> {
  let index = 0;
  for (let block = 0; ; block += 1) {
    const random = seeded(seedOf(seed, 1, block));
    const points = failPoints.map((point): Attack => ({ kind: 'fail point', ...passOf(point, random) }));
    const slow: Attack[] = [
      { kind: 'zombie', ...passOf(random.pick(failPoints), random) },
      { kind: 'late zombie' },
      { kind: 'six times', point: random.pick(insideSteps), nth: 1 },
    ];
    const others: Attack[] = [
      ...Array.from({ length: 4 }, (): Attack => ({ kind: 'kill once' })),
      ...Array.from({ length: 3 }, (): Attack => ({ kind: 'kill worker' })),
      { kind: 'pause once' },
      { kind: 'rivals' },
      ...serviceNames.flatMap((service): Attack[] => [
        { kind: 'kill service', service },
        { kind: 'pause service', service },
      ]),
      ...(options.slow ? slow : []),
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
    zombie: 'zombie at a fail point: SIGSTOP past its lease, SIGCONT',
    'late zombie': 'zombie in mirror or publish, any moment',
    'six times': 'kill -9 at one fail point, six times in a row',
    rivals: 'two once at one time, one killed',
    'kill once': 'kill -9 once, any moment',
    'pause once': 'pause once for seconds',
    'kill worker': 'kill -9 the resident worker',
  }[attack.kind];
}

/** The attack itself, for the line of its round. */
export function titleOf(attack: Attack): string {
  return 'point' in attack ? `${attack.kind} ${attack.point}${attack.nth > 1 ? `@${attack.nth}` : ''}` : kindOf(attack);
}
