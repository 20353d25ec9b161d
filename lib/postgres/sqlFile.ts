import { readdirSync, readFileSync } from 'node:fs';

const texts = new Map<string, string>();
const folders = new Map<string, string[]>();

/** The text of a .sql file of this room, read once. @example sqlFile('outputs/combined.sql') */
export function sqlFile(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  texts.set(path, text);
  return text;
}

/** Names of the .sql files of a folder of this room, in their numbered order, looked up once. */
export function sqlFiles(folder: string): readonly string[] {
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const names = readdirSync(new URL(`${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => `${folder}/${name}`);
  folders.set(folder, names);
  return names;
}
