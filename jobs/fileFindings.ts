import type { FileProgress } from '../lib/core/fileProgress.ts';
import type { Finding } from '../lib/postgres/quality.ts';
import type { ExportFile, InputFolder } from '../lib/source/inputFolder.ts';
import type { FileResult } from './produceFile.ts';

/** Rules that tell of the folder as it is in this run; taken back when the next run begins. */
export const perRunRules = ['ignored_file', 'refused_file', 'line_waits'];

/** Rules that tell of a file's lines as they are; taken back when the file is read again from its start. */
export const perReadingRules = ['extra_columns', 'leading_zeros', 'repeated_header', 'date_order', 'rejected_rows'];

export function folderFindings(folder: InputFolder): Finding[] {
  return folder.ignored.map((name) => ({
    rule: 'ignored_file',
    subject: name,
    severity: 'info',
    count: 1,
    detail: 'its name is none of the export files (product.md, Input): not read',
  }));
}

/** A share of duplicates below this in a new file looks like two registers with one receipt number. */
const fewDuplicatesPercent = 10;

/** What one file's reading showed that is loaded but odd (product.md, Settled in detail). */
export function fileFindings(
  file: ExportFile,
  known: FileProgress | undefined,
  result: FileResult & { readonly what: string; readonly extraColumns?: readonly string[] },
): Finding[] {
  const found: Finding[] = [];
  const tell = (rule: string, severity: Finding['severity'], count: number, detail: string) => {
    if (count > 0) found.push({ rule, subject: file.name, severity, count, detail });
  };
  const valid = result.rowsRead - result.rowsRejected;
  tell(
    'extra_columns',
    'info',
    result.extraColumns?.length ?? 0,
    `columns ignored: ${result.extraColumns?.join(', ')}`,
  );
  tell('leading_zeros', 'info', result.leadingZeros, 'ids written with leading zeros: read as the number');
  tell('repeated_header', 'info', result.repeatedHeaders, 'the header line came again: ignored');
  tell(
    'date_order',
    'warning',
    result.otherDateOrder,
    'times that only fit the other day and month order: see DATE_ORDER',
  );
  tell('rejected_rows', 'warning', result.rowsRejected, 'rows not loaded: see rejected_rows.csv');
  tell(
    'line_waits',
    'info',
    result.lineWaits ? 1 : 0,
    'the last line has no line end yet: it waits for SETTLE_SECONDS',
  );
  tell('replaced_while_read', 'info', result.replaced ? 1 : 0, 'the file was replaced while it was read: read again');
  tell(
    'doubtful_line',
    'warning',
    result.what === 'afterOpenLine' ? 1 : 0,
    'a last line was taken without its end and went on afterwards: what was taken is doubtful, the whole line counts too',
  );
  // Without any line that it held before it is another export under an old name, not a correction.
  if (result.what === 'rewritten' && known !== undefined && result.rowsKnown > 0) {
    const gone = known.validRows - result.rowsKnown;
    const added = valid > result.rowsKnown ? 'lines gone and others new: both count' : 'lines gone: they count';
    tell('possible_correction', 'warning', Math.max(0, gone), `${added} until withdrawn`);
  }
  if (result.what === 'new' && (100 * result.rowsKnown) / Math.max(1, valid) < fewDuplicatesPercent) {
    tell(
      'few_duplicates',
      'warning',
      result.rowsKnown,
      'lines that other files hold too: two registers with one receipt number?',
    );
  }
  return found;
}
