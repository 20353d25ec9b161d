import { median, quantileSorted } from 'simple-statistics';

/** A number is written with thousands commas and at most three decimals; null is an empty cell. */
export type Cell = string | number | null;

/** A Markdown table, padded to be read as text too. Columns that hold only numbers (with a unit or not) stand right. */
export function markdownTable(headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => headers.map((_, column) => textOf(row[column] ?? null)));
  const columns = headers.map((header, column) => {
    const cells = texts.map((row) => row[column] ?? '');
    const filled = cells.filter((cell) => cell !== '');
    return {
      width: Math.max(3, header.length, ...cells.map((cell) => cell.length)),
      right: filled.length > 0 && filled.every((cell) => numeric.test(cell)),
    };
  });
  const line = (cells: readonly string[]) =>
    `| ${columns.map(({ width, right }, i) => (right ? cells[i]?.padStart(width) : cells[i]?.padEnd(width))).join(' | ')} |`;
  const rule = columns.map(({ width, right }) => (right ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(headers), line(rule), ...texts.map(line)].join('\n');
}

/** Median and 95th percentile of measurements, in their own unit. @throws if there are none */
export function spread(values: readonly number[]): { median: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: median(sorted), p95: quantileSorted(sorted, 0.95) };
}

const numeric = /^[-−+]?[\d.,]+( ?[a-zA-Zµ%×/]{1,6})?$/;

function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return cell.toLocaleString('en-US', { maximumFractionDigits: 3 });
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
