import { basename } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { type PlanningProblem, planningRows } from '../lib/core/planning/planningFile.ts';
import { type PlanningKey, type PlanningValues, planningValues } from '../lib/core/planning/planningValues.ts';
import type { Finding } from '../lib/postgres/quality.ts';
import { referenceRows } from '../lib/source/referenceRows.ts';

export type PlanningRules = Readonly<{
  valuesOf: (key: PlanningKey) => PlanningValues;
  /** The same text for the same rules: where it changed, planning columns must be made again. */
  fingerprint: string;
  /** Whether any rule goes by supplier: then who supplies an item decides as well. */
  bySupplier: boolean;
  /** What the file says and cannot be used; rule `planning_file`. */
  findings: readonly Finding[];
}>;

/** So many lines are told word by word. */
const mostTold = 5;

/**
 * Lead times and the like for all pairs, from the settings and PLANNING_FILE (docs/planning.md). Its bad lines are findings.
 * @throws TillcastError (ETL_CONFIG) where the file cannot be read at all: ordering by values half known is worse than none
 */
export async function planningRules(
  settings: Pick<Settings, 'planningDefaults' | 'planningFile'>,
): Promise<PlanningRules> {
  const { planningDefaults, planningFile } = settings;
  if (planningFile === undefined) {
    const fingerprint = JSON.stringify([planningDefaults, []]);
    return { valuesOf: planningValues(planningDefaults, []), fingerprint, bySupplier: false, findings: [] };
  }
  const read = await referenceRows(planningFile, 'planning').catch((error) => ({ refusal: messageOf(error) }));
  if ('refusal' in read) {
    throw new TillcastError(
      'ETL_CONFIG',
      `PLANNING_FILE ${planningFile} cannot be used (${read.refusal}): mend it, or unset PLANNING_FILE`,
    );
  }
  const { rows, problems } = planningRows(read.rows);
  const broken = read.broken.map(({ line, reason, raw }) => ({ line, column: '', value: raw.slice(0, 100), reason }));
  return {
    valuesOf: planningValues(planningDefaults, rows),
    fingerprint: JSON.stringify([planningDefaults, rows]),
    bySupplier: rows.some(({ scope }) => scope === 'supplier'),
    findings: findingsOf(
      basename(planningFile),
      [...broken, ...problems].sort((a, b) => a.line - b.line),
    ),
  };
}

function findingsOf(subject: string, problems: readonly PlanningProblem[]): Finding[] {
  if (problems.length === 0) return [];
  const told = problems
    .slice(0, mostTold)
    .map(
      ({ line, column, value, reason }) =>
        `line ${line}: ${[column, reason].filter(Boolean).join(' ')}, got "${value}"`,
    );
  const more = problems.length > mostTold ? `; and ${problems.length - mostTold} more` : '';
  const detail = `lines left out: ${told.join('; ')}${more}`;
  return [{ rule: 'planning_file', subject, severity: 'warning', count: problems.length, detail }];
}
