import type { Parsed } from '../types.ts';
import { idLimit, parseWholeNumber } from '../wholeNumber.ts';
import type { PlanningCells, PlanningScope } from './planningValues.ts';

/** A line of PLANNING_FILE that says something; cells it left empty are undefined. */
export type PlanningRow = Readonly<{ scope: PlanningScope; id: string; cells: PlanningCells }>;

/** A line as read: values by column name, trimmed; a column that the file lacks is ''. */
export type PlanningLine = Readonly<{ line: number; values: Readonly<Record<string, string>> }>;

/** Why a line was left out. */
export type PlanningProblem = Readonly<{ line: number; column: string; value: string; reason: string }>;

const scopes: readonly PlanningScope[] = ['default', 'store', 'supplier', 'item'];

/**
 * The lines of PLANNING_FILE (docs/planning.md) in their order. A line that breaks a rule comes back as a problem, and
 * says nothing at all; none throws.
 */
export function planningRows(lines: readonly PlanningLine[]): { rows: PlanningRow[]; problems: PlanningProblem[] } {
  const rows: PlanningRow[] = [];
  const problems: PlanningProblem[] = [];
  for (const { line, values } of lines) {
    const parsed = parsePlanningRow(values);
    if ('row' in parsed) rows.push(parsed.row);
    else problems.push({ line, ...parsed.rejection });
  }
  return { rows, problems };
}

function parsePlanningRow(values: Readonly<Record<string, string>>): Parsed<PlanningRow> {
  const scopeText = values.scope ?? '';
  const scope = scopes.find((known) => known === scopeText.toLowerCase());
  if (scope === undefined) return reject('scope', scopeText, `expected one of ${scopes.join(', ')}`);
  const idText = values.id ?? '';
  const id = idOf(scope, idText);
  if (id === undefined) return reject('id', idText, idRules[scope]);
  const cells: Record<string, number | undefined> = {};
  for (const [name, { column, min, max, whole }] of Object.entries(cellRules)) {
    const text = values[column] ?? '';
    if (text === '') continue;
    const value = whole ? parseWholeNumber(text, max) : decimalOf(text);
    if (value === undefined || value < min || value > max) {
      return reject(column, text, `expected a ${whole ? 'whole ' : ''}number from ${min} to ${max}, or nothing`);
    }
    cells[name] = value;
  }
  return { row: { scope, id, cells } };
}

/** The same bounds as the settings of these names (config/planningSettings.ts). */
const cellRules: Readonly<
  Record<keyof PlanningCells, Readonly<{ column: string; min: number; max: number; whole: boolean }>>
> = {
  leadTimeDays: { column: 'lead_time_days', min: 0, max: 365, whole: true },
  reviewPeriodDays: { column: 'review_period_days', min: 1, max: 365, whole: true },
  serviceLevel: { column: 'service_level', min: 0.5, max: 0.999, whole: false },
  packSize: { column: 'pack_size', min: 1, max: 1_000_000, whole: true },
};

const idRules: Readonly<Record<PlanningScope, string>> = {
  default: 'the scope default has no id',
  store: 'expected a store_id',
  supplier: 'expected a supplier_id',
  item: 'expected an item_id',
};

/** Ids of stores and items in one spelling, whatever way they were written; a supplier's is text. */
function idOf(scope: PlanningScope, text: string): string | undefined {
  if (scope === 'default') return text === '' ? '' : undefined;
  if (scope === 'supplier') return text === '' ? undefined : text;
  return parseWholeNumber(text, idLimit)?.toString();
}

function decimalOf(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function reject(column: string, value: string, reason: string): { rejection: PlanningRejection } {
  return { rejection: { column, value, reason } };
}

type PlanningRejection = Omit<PlanningProblem, 'line'>;
