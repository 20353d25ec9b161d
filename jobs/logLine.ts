/** A line with its time (UTC), for processes that stay; on stderr, so that stdout keeps results alone. */
export function logLine(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
