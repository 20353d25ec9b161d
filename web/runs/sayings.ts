import { randomUUID } from 'node:crypto';

/** What a press of a button came to, for the page that follows it; a link cannot put words there. */
const kept = new Map<string, string>();
const most = 100;

/** @returns what the page's address carries */
export function keepSaying(text: string): string {
  const name = randomUUID();
  kept.set(name, text);
  if (kept.size > most) kept.delete(kept.keys().next().value ?? '');
  return name;
}

export function sayingOf(name: unknown): string | undefined {
  return typeof name === 'string' ? kept.get(name) : undefined;
}
