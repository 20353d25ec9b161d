import type { Settings } from '../config/settings.ts';

/** Ends this process as a crash would, where FAIL_AT names this point; inert unless set. For the crash tests. */
export function failPoint(settings: Settings, name: string): void {
  if (settings.failAt === name) process.kill(process.pid, 'SIGKILL');
}
