import type { OutputName } from '../publication.ts';
import { sqlFile } from '../sqlFile.ts';

type Level = 'forecast_item' | 'forecast_item_store' | 'forecast_store';

/** The SELECT inside the COPY that writes an output: the same rows and columns as in its CSV. */
export function outputSelect(name: Exclude<OutputName, 'forecast'> | 'events'): string {
  return inner(sqlFile(`outputs/${name}.sql`));
}

/** The SELECT of forecast.csv's rows of one level. */
export function forecastSelect(level: Level): string {
  return inner(sqlFile('outputs/forecast.sql').replace('\nLEVEL\n', () => `\n${sqlFile(`outputs/${level}.sql`)}`));
}

/** What stands in every event row of a pair, as a SELECT (outputs/00_pairs.sql makes a table of it). */
export function pairsSelect(): string {
  const text = sqlFile('outputs/00_pairs.sql');
  return text.slice(text.indexOf('SELECT'), text.lastIndexOf('ORDER BY'));
}

/**
 * A SELECT of an output with tables of its own before it: `tables` are the texts of CTEs that stand for what a
 * publication makes as temporary tables.
 */
export function withTables(tables: readonly string[], select: string): string {
  const ctes = `WITH ${tables.join(',\n')}`;
  return /^WITH\s/.test(select) ? `${ctes},\n${select.replace(/^WITH\s+/, '')}` : `${ctes}\n${select}`;
}

function inner(sql: string): string {
  const from = sql.indexOf('COPY (');
  const to = sql.lastIndexOf(') TO STDOUT');
  // A comment after the bracket is the statement's first text.
  return sql
    .slice(from + 'COPY ('.length, to)
    .trim()
    .replace(/^(--[^\n]*\n\s*)+/, '');
}
