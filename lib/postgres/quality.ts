import { type Database, query } from './pool.ts';

/** Something a person should know about the data; `count` adds to what was found before, or stands alone. */
export type Finding = Readonly<{
  rule: string;
  subject: string;
  severity: 'info' | 'warning' | 'error';
  count: number;
  detail: string;
}>;

/** Sets findings (rule and subject are the key): the newest story of a file replaces the older. */
export async function keepFindings(db: Database, runSeq: number, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const column = <T>(pick: (finding: Finding) => T) => findings.map(pick);
  await query(
    db,
    `INSERT INTO quality_finding AS q (rule, subject, severity, count, detail, run_seq)
     SELECT DISTINCT ON (rule, subject) rule, subject, severity, count, detail, $6
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) AS u (rule, subject, severity, count, detail)
     ON CONFLICT (rule, subject) DO UPDATE SET
       severity = excluded.severity, count = excluded.count, detail = excluded.detail, run_seq = excluded.run_seq`,
    [
      column((finding) => finding.rule),
      column((finding) => finding.subject.replaceAll('\0', '␀')),
      column((finding) => finding.severity),
      column((finding) => finding.count),
      column((finding) => finding.detail.replaceAll('\0', '␀')),
      runSeq,
    ],
  );
}

/** Takes back what these rules told of files that were read again from their start: an untrue story must go. */
export async function clearFileFindings(
  db: Database,
  rules: readonly string[],
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return;
  const subjects = files.map((name) => name.replaceAll('\0', '␀'));
  await query(db, 'DELETE FROM quality_finding WHERE rule = ANY ($1) AND subject = ANY ($2)', [rules, subjects]);
}

/** Takes findings of these rules back, where the file or folder no longer shows them. */
export async function clearFindings(db: Database, rules: readonly string[]): Promise<void> {
  await query(db, 'DELETE FROM quality_finding WHERE rule = ANY ($1)', [rules]);
}
