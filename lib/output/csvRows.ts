import { createReadStream } from 'node:fs';
import Papa from 'papaparse';

/**
 * Rows of an output file as objects by column name, streamed. Our own files hold no line feed inside a field, but ids
 * may hold other line breaks (a lone CR, U+2028), so lines end at line feeds alone. Nothing where the file is missing.
 */
export async function* csvRows(path: string): AsyncGenerator<Readonly<Record<string, string>>> {
  let header: string[] | undefined;
  try {
    for await (const line of fileLines(path)) {
      const fields = line.includes('"')
        ? (Papa.parse<string[]>(line, { delimiter: ',', newline: '\n' }).data[0] ?? [])
        : line.split(',');
      if (header === undefined) header = [fields[0]?.replace('\ufeff', '') ?? '', ...fields.slice(1)];
      else yield Object.fromEntries(header.map((column, at) => [column, fields[at] ?? '']));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function* fileLines(path: string): AsyncGenerator<string> {
  let carry = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (carry + chunk).split('\n');
    carry = lines.pop() ?? '';
    yield* lines;
  }
  if (carry !== '') yield carry;
}
