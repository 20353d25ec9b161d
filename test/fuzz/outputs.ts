/** Free text as the CSVs have it: with an apostrophe before what a spreadsheet would run (product.md, Output). */
export function withSpreadsheetMark(text: string): string {
  return ['=', '+', '-', '@', '\t', '\r'].some((start) => text.startsWith(start)) ? `'${text}` : text;
}
