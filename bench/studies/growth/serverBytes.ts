import { readdirSync, readFileSync } from 'node:fs';

/** Bytes that PostgreSQL's processes moved from and to files so far, the page cache included (sockets are not). */
export type ServerBytes = Readonly<{ read: number; written: number }>;

/**
 * Counts what the children of a postmaster read and write, on Linux and where their `/proc/PID/io` may be read; else
 * zeros. Processes that live for less than the time between two looks (parallel workers) are missed.
 */
export function watchServer(postmaster: number): { now(): ServerBytes; close(): void } {
  const seen = new Map<string, ServerBytes>();
  const look = () => {
    for (const pid of childrenOf(postmaster)) {
      const bytes = bytesOf(pid);
      if (bytes !== undefined) seen.set(pid, bytes);
    }
  };
  look();
  const timer = setInterval(look, 100);
  return {
    now() {
      look();
      const all = [...seen.values()];
      const sum = (pick: (bytes: ServerBytes) => number) => all.reduce((total, bytes) => total + pick(bytes), 0);
      return { read: sum((bytes) => bytes.read), written: sum((bytes) => bytes.written) };
    },
    close: () => clearInterval(timer),
  };
}

/** The parent of a backend. */
export function postmasterOf(backend: number): number {
  return Number(statFields(String(backend))[1]);
}

/** Peak resident memory of a process so far in MB; undefined once it is gone or where /proc is not. */
export function peakMegabytes(pid: number): number | undefined {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024 || undefined;
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(statFields(name)[1]) === parent);
}

/** Fields of /proc/PID/stat after the command's name: state, parent, … */
function statFields(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function bytesOf(pid: string): ServerBytes | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { read: field('rchar'), written: field('wchar') };
  } catch {
    return undefined;
  }
}
