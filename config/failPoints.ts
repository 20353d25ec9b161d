/**
 * Every boundary at which FAIL_AT can end or stop a run, in the order a run passes them. They prove the promise of
 * `docs/guarantees.md`: whatever dies there, the next start ends at the same numbers.
 */
export const failPoints = [
  /** produce: a part of a file is looked through, nothing of it is sent. */
  'before_send',
  /** produce: some rows of a file are on their way to Kafka. */
  'mid_file',
  /** produce: a file's rows are acknowledged, its watermark is not noted. */
  'after_send',
  /** between the producer and the consumer. */
  'after_produce',
  /** read: a batch is in staging, others are not. */
  'mid_read',
  'after_read',
  /** apply: everything is written, COMMIT is not sent. */
  'before_commit',
  /** apply: COMMIT is sent, its answer never arrives. */
  'commit_sent',
  'after_commit',
  'mid_mirror',
  /** mirror: the documents are written, PostgreSQL does not know it yet. */
  'before_mirror_flag',
  'after_mirror',
  /** publish: some files are complete beside the old ones. */
  'mid_csv',
  'before_rename',
  /** publish: some files are in place, others are not. */
  'mid_rename',
  /** publish: all files are in place, run_info.csv still says `publishing`. */
  'before_run_info',
  'after_publish',
  'before_group_commit',
  'after_group_commit',
] as const;

export type FailPointName = (typeof failPoints)[number];

/** `nth`: at which pass of the point; `signal`: what the process does to itself there. */
export type FailAt = Readonly<{ point: FailPointName; nth: number; signal: 'SIGKILL' | 'SIGSTOP' }>;

/** Reads `point`, `point@3` (the third pass) and `point:stop` (sleeps until SIGCONT instead of dying). */
export function parseFailAt(text: string): FailAt | undefined {
  const [, name, nth = '1', stop] = /^([a-z_]+)(?:@([1-9]\d{0,5}))?(:stop)?$/.exec(text) ?? [];
  const point = failPoints.find((known) => known === name);
  if (point === undefined) return undefined;
  return { point, nth: Number(nth), signal: stop === undefined ? 'SIGKILL' : 'SIGSTOP' };
}
