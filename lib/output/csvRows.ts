import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Papa from 'papaparse';

/**
 * Rows of an output file as objects by column name, streamed. Our own files hold no line break inside a field.
 * Nothing where the file is missing.
 */
export async function* csvRows(path: string): AsyncGenerator<Readonly<Record<string, string>>> {
  const stream = createReadStream(path, { encoding: 'utf8' });
  let header: string[] | undefined;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const fields = line.includes('"')
        ? (Papa.parse<string[]>(line, { delimiter: ',' }).data[0] ?? [])
        : line.split(',');
      if (header === undefined) header = [fields[0]?.replace('\ufeff', '') ?? '', ...fields.slice(1)];
      else yield Object.fromEntries(header.map((column, at) => [column, fields[at] ?? '']));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
