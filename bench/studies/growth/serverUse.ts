import { readdirSync, readFileSync } from 'node:fs';

/** What PostgreSQL's processes used so far. Bytes from and to files, the page cache included (sockets are not). */
export type ServerUse = Readonly<{ readBytes: number; writtenBytes: number; cpuSeconds: number }>;

const nothing: ServerUse = { readBytes: 0, writtenBytes: 0, cpuSeconds: 0 };
/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/**
 * Adds up what the children of a postmaster use, on Linux and where their `/proc/PID/io` may be read; else zeros.
 * Processes that live for less than the time between two looks (parallel workers) are missed.
 */
export function watchServer(postmaster: number): { now(): ServerUse; close(): void } {
  const seen = new Map<string, ServerUse>();
  const look = () => {
    for (const pid of childrenOf(postmaster)) {
      const use = useOf(pid);
      if (use !== undefined) seen.set(pid, use);
    }
  };
  look();
  const timer = setInterval(look, 100);
  return {
    now() {
      look();
      return [...seen.values()].reduce(
        (sum, use) => ({
          readBytes: sum.readBytes + use.readBytes,
          writtenBytes: sum.writtenBytes + use.writtenBytes,
          cpuSeconds: sum.cpuSeconds + use.cpuSeconds,
        }),
        nothing,
      );
    },
    close: () => clearInterval(timer),
  };
}

/** The parent of a backend. */
export function postmasterOf(backend: number): number {
  return Number(statFields(String(backend))[1]);
}

/** What a process used so far: peak resident memory and processor time; undefined once it is gone. */
export function processUse(pid: number): { peakMb: number; cpuSeconds: number } | undefined {
  try {
    const peakKb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    const cpuSeconds = cpuOf(String(pid));
    return Number.isNaN(peakKb) ? undefined : { peakMb: peakKb / 1024, cpuSeconds };
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(statFields(name)[1]) === parent);
}

/** Fields of /proc/PID/stat after the command's name: state, parent, …; none where the process is gone. */
function statFields(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function cpuOf(pid: string): number {
  const fields = statFields(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

function useOf(pid: string): ServerUse | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { readBytes: field('rchar'), writtenBytes: field('wchar'), cpuSeconds: cpuOf(pid) };
  } catch {
    return undefined;
  }
}
