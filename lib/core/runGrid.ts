import { lateAfterMs } from './slots.ts';

/** A run as the grid sees it. `readsFiles`: only such runs make an hour good. */
export type GridRun = Readonly<{
  runId: string;
  slot: Date | null;
  status: 'running' | 'succeeded' | 'succeeded_with_warnings' | 'failed';
  openedAt: Date;
  finishedAt: Date | null;
  readsFiles: boolean;
  attempts: number;
}>;

/**
 * What became of an hour: its run ended `done`, `warned` or `failed`, or is `running`; `covered` by a later run; `missing`;
 * `waiting` for its time or for its run to begin; `before` the first run; `none` where the schedule has no slot.
 */
export type CellState =
  | 'done'
  | 'warned'
  | 'failed'
  | 'running'
  | 'covered'
  | 'missing'
  | 'waiting'
  | 'before'
  | 'none';

/** `runId`: of the run to look at; `coveredBy`: the good run that made up for it; `seconds`: how long the run took. */
export type Cell = Readonly<{
  hour: number;
  state: CellState;
  slot: Date | null;
  runId: string | null;
  coveredBy: string | null;
  seconds: number | null;
  attempts: number;
  slots: number;
}>;

export type GridDay = Readonly<{ date: string; hours: readonly Cell[] }>;

export type GridInput = Readonly<{
  /** Slots of the schedule in the days, oldest first, also those to come. */
  slots: readonly Date[];
  runs: readonly GridRun[];
  /** When the first run of all began; null where there was none. */
  firstRunAt: Date | null;
  now: Date;
  /** UTC dates as `yyyy-MM-dd`, in the order of the grid. */
  dates: readonly string[];
}>;

/** The hour with the worst state stands for all slots in it. */
const worstFirst: readonly CellState[] = [
  'failed',
  'missing',
  'running',
  'warned',
  'covered',
  'waiting',
  'done',
  'before',
  'none',
];

/** Hours × days, each with what became of its slot. Slots are UTC, so every day has 24 hours. */
export function runGrid({ slots, runs, firstRunAt, now, dates }: GridInput): GridDay[] {
  const cells = new Map<string, Cell>();
  const bySlot = new Map(runs.filter(({ slot }) => slot !== null).map((run) => [run.slot?.getTime(), run]));
  // Input is cumulative: whoever reads it at or after a slot brings in all that the slot would have.
  const good = runs
    .filter(({ status, readsFiles }) => readsFiles && status.startsWith('succeeded'))
    .map((run) => ({ runId: run.runId, until: Math.max(run.openedAt.getTime(), run.slot?.getTime() ?? 0) }))
    .sort((a, b) => a.until - b.until);
  // Slots come oldest first, and what is too old to cover one covers none after it.
  let nextGood = 0;
  const open = runs.find(({ finishedAt, readsFiles }) => finishedAt === null && readsFiles);
  for (const slot of slots) {
    const key = slot.toISOString().slice(0, 13);
    const cell = cellOf(slot, bySlot.get(slot.getTime()));
    const other = cells.get(key);
    const worse = other === undefined || worstFirst.indexOf(cell.state) <= worstFirst.indexOf(other.state);
    cells.set(key, { ...(worse ? cell : other), slots: (other?.slots ?? 0) + 1 });
  }
  return dates.map((date) => ({
    date,
    hours: Array.from({ length: 24 }, (_, hour) => {
      return cells.get(`${date}T${String(hour).padStart(2, '0')}`) ?? { ...nothing, hour };
    }),
  }));

  function cellOf(slot: Date, own: GridRun | undefined): Cell {
    const cell = { ...nothing, hour: slot.getUTCHours(), slot, slots: 1 };
    while ((good[nextGood]?.until ?? Number.POSITIVE_INFINITY) < slot.getTime()) nextGood += 1;
    const cover = good[nextGood];
    if (own !== undefined) {
      const { runId, attempts } = own;
      const state = stateOf(own);
      const coveredBy = state === 'failed' ? (cover?.runId ?? null) : null;
      return { ...cell, state, runId, attempts, seconds: secondsOf(own), coveredBy };
    }
    if (slot > now) return { ...cell, state: 'waiting' };
    if (firstRunAt === null || slot < firstRunAt) return { ...cell, state: 'before' };
    if (cover !== undefined) return { ...cell, state: 'covered', runId: cover.runId, coveredBy: cover.runId };
    if (open !== undefined && open.openedAt >= slot) return { ...cell, state: 'running', runId: open.runId };
    return { ...cell, state: now.getTime() - slot.getTime() < lateAfterMs ? 'waiting' : 'missing' };
  }
}

const nothing: Cell = {
  hour: 0,
  state: 'none',
  slot: null,
  runId: null,
  coveredBy: null,
  seconds: null,
  attempts: 0,
  slots: 0,
};

const states = { running: 'running', succeeded: 'done', succeeded_with_warnings: 'warned', failed: 'failed' } as const;

function stateOf({ status }: GridRun): CellState {
  return states[status];
}

function secondsOf({ openedAt, finishedAt }: GridRun): number | null {
  return finishedAt === null ? null : Math.round((finishedAt.getTime() - openedAt.getTime()) / 100) / 10;
}
