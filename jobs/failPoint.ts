import type { FailPointName } from '../config/failPoints.ts';
import type { Settings } from '../config/settings.ts';

let passes = 0;

/**
 * Ends this process as a crash would (or stops it until SIGCONT), where FAIL_AT names this point; inert unless set.
 * For the crash tests and `npm run torture`.
 */
export function failPoint(settings: Pick<Settings, 'failAt'>, name: FailPointName): void {
  if (settings.failAt?.point !== name) return;
  passes += 1;
  if (passes === settings.failAt.nth) process.kill(process.pid, settings.failAt.signal);
}
