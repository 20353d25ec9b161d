import { contextTables, contextValues } from './context.ts';
import { outputSelect, withTables } from './outputSelect.ts';
import { pageRows } from './pageRows.ts';
import type { PublishedView } from './publishedView.ts';
import { withoutRun } from './stock.ts';

/** Findings of data_quality.csv, and the newest rejected rows. */
export async function quality(view: PublishedView, timeZone: string, page: number, size: number) {
  const findings = await view.tables<Record<string, unknown>>(
    `SELECT * FROM page_quality ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, rule, subject
     LIMIT 500`,
  );
  const select = withTables([contextTables[0]], outputSelect('rejected_rows'));
  const rejected = await view.read(async (client) => {
    const values = contextValues(view, timeZone);
    const rows = await pageRows<Record<string, unknown>>(
      client,
      `SELECT * FROM (${select}) r ORDER BY r.file, r.line LIMIT $5 OFFSET $6`,
      [...values, size, (page - 1) * size],
    );
    const [count] = await pageRows<{ total: number }>(
      client,
      'SELECT count(*) AS total FROM rejected_row WHERE applied',
    );
    return { rows: rows.map(withoutRun), total: count?.total ?? 0 };
  });
  return { findings: findings.map(withoutRun), rejected: rejected.rows, rejected_total: rejected.total };
}

/** How many findings of each severity. */
export async function qualityCounts(view: PublishedView) {
  return view.tables<{ severity: string; findings: number }>(
    'SELECT severity, count(*) AS findings FROM page_quality GROUP BY severity',
  );
}

/** The newest rows of latency.csv, oldest first. */
export async function latency(view: PublishedView, timeZone: string, limit: number) {
  const select = withTables([contextTables[0]], outputSelect('latency'));
  return view.read(async (client) => {
    const rows = await pageRows<Record<string, unknown>>(
      client,
      `SELECT * FROM (SELECT * FROM (${select}) l ORDER BY batch_id DESC LIMIT $5) newest ORDER BY batch_id`,
      [...contextValues(view, timeZone), limit],
    );
    return rows.map(withoutRun);
  });
}

/** Rows that the run of this view rejected. */
export async function rejectedRows(view: PublishedView): Promise<number | null> {
  return view.read(async (client) => {
    const text = 'SELECT rows_rejected FROM run WHERE run_id = $1';
    const [run] = await pageRows<{ rows_rejected: number }>(client, text, [view.runId]);
    return run?.rows_rejected ?? null;
  });
}
