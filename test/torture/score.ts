import { failPoints } from '../../config/failPoints.ts';
import type { Round } from './lane.ts';
import { kindOf } from './plan.ts';

type Line = { made: number; survived: number; lost: number; double: number; longest: number };

/** Sums up rounds; `table` is for people, `summary` for programs. */
export type Score = Readonly<{
  add(round: Round): void;
  kills(): number;
  failed(): readonly Round[];
  table(): string[];
  summary(): Readonly<{
    kills: number;
    survived: number;
    lost: number;
    double: number;
    polls: number;
    half_runs: number;
    longest_recovery_seconds: number;
  }>;
}>;

export function openScore(): Score {
  const kinds = new Map<string, Line>();
  const points = new Map<string, number>(failPoints.map((point) => [point, 0]));
  const failed: Round[] = [];
  let polls = 0;
  let halfRuns = 0;
  const sum = (column: keyof Line) => [...kinds.values()].reduce((total, line) => total + line[column], 0);
  const longest = () => Math.max(0, ...[...kinds.values()].map((line) => line.longest));
  return {
    add(round) {
      const { attack } = round.planned;
      const line = kinds.get(kindOf(attack)) ?? { made: 0, survived: 0, lost: 0, double: 0, longest: 0 };
      kinds.set(kindOf(attack), line);
      if (round.hit) line.made += 1;
      if (round.hit && round.problems.length === 0) line.survived += 1;
      line.lost += round.findings.lost;
      line.double += round.findings.double;
      line.longest = Math.max(line.longest, round.hit ? round.seconds : 0);
      if (round.hit && attack.kind === 'fail point') points.set(attack.point, (points.get(attack.point) ?? 0) + 1);
      if (round.problems.length > 0) failed.push(round);
      polls += round.polls;
      halfRuns += round.problems.filter((problem) => /half-run|run_info.csv names/.test(problem)).length;
    },
    kills: () => sum('made'),
    failed: () => failed,
    table() {
      const head = ['attacks by kind', 'made', 'survived', 'lost rows', 'double rows', 'longest recovery (s)'];
      const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, line]) => cells(kind, line));
      const all = {
        made: sum('made'),
        survived: sum('survived'),
        lost: sum('lost'),
        double: sum('double'),
        longest: longest(),
      };
      return [
        ...markdown([head, ...rows, cells('all', all)]),
        '',
        ...markdown([['fail point', 'hits'], ...[...points].map(([point, hits]) => [point, String(hits)])]),
      ];
    },
    summary: () => ({
      kills: sum('made'),
      survived: sum('survived'),
      lost: sum('lost'),
      double: sum('double'),
      polls,
      half_runs: halfRuns,
      longest_recovery_seconds: Math.round(longest() * 10) / 10,
    }),
  };
}

function cells(kind: string, line: Line): string[] {
  return [
    kind,
    String(line.made),
    String(line.survived),
    String(line.lost),
    String(line.double),
    line.longest.toFixed(1),
  ];
}

/** A table that reads well as plain text too. */
function markdown([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)));
  const row = (fields: readonly string[]) =>
    `| ${fields.map((field, at) => (at === 0 ? field.padEnd(widths[at] ?? 0) : field.padStart(widths[at] ?? 0))).join(' | ')} |`;
  return [
    row(head),
    `|${widths.map((width, at) => `${'-'.repeat(width + 1)}${at === 0 ? '-' : ':'}`).join('|')}|`,
    ...rows.map(row),
  ];
}
