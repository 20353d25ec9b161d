import type { IdentifiedEvent } from '../lib/core/types.ts';
import type { PartitionLoad } from '../lib/kafka/boundedRead.ts';
import { hasStrays } from '../lib/kafka/strays.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { emptyStaging, ensureMonths, openStaging, type StagingWriter } from '../lib/postgres/staging.ts';

/** What a lane of staging holds: the rows of some partitions, under a number of its own. */
export type StagedLane = Readonly<{ reading: number; rows: number; partitions: readonly number[] }>;

const mostLanes = 2;

type OpenLane = Readonly<{ writer: StagingWriter; partitions: number[] }> & { messages: number; rows: number };

/**
 * Staging for one read: one lane, or from `laneRows` messages on two, whose pairs PostgreSQL then counts side by side.
 * Fewer are counted sooner in one transaction.
 */
export class StagingLanes {
  private readonly db: Database;
  private readonly laneRows: number;
  private readonly lanes: OpenLane[] = [];
  private readonly laneOf = new Map<number, OpenLane>();
  private readonly months = new Set<string>();
  private partitionCount = 0;
  /** Some pair came through a partition that is not its home, so that two lanes may hold rows of it. */
  strays = false;

  constructor(db: Database, laneRows: number) {
    this.db = db;
    this.laneRows = laneRows;
  }

  /** Partitions go to the lane that has least to hold yet, the largest first. */
  async open(loads: readonly PartitionLoad[]): Promise<void> {
    await emptyStaging(this.db);
    this.partitionCount = loads.length;
    const messages = loads.reduce((sum, load) => sum + load.messages, 0);
    const due = [...loads].filter((load) => load.messages > 0).sort((a, b) => b.messages - a.messages);
    const count = messages < this.laneRows ? 1 : Math.min(mostLanes, due.length);
    for (let lane = 0; lane < count; lane += 1) {
      this.lanes.push({ writer: await openStaging(this.db), partitions: [], messages: 0, rows: 0 });
    }
    for (const load of due) {
      const lane = this.lanes.reduce((a, b) => (b.messages < a.messages ? b : a));
      lane.messages += load.messages;
      lane.partitions.push(load.partition);
      this.laneOf.set(load.partition, lane);
    }
  }

  async write(partition: number, events: readonly IdentifiedEvent[]): Promise<void> {
    for (const { dateTime } of events) this.months.add(dateTime.slice(0, 7));
    if (this.lanes.length > 1) this.strays ||= hasStrays(events, partition, this.partitionCount);
    const lane = this.laneOf.get(partition) as OpenLane;
    lane.rows += events.length;
    await lane.writer.write(events);
  }

  /** All rows are in PostgreSQL when this returns, and there is a place for each of their months. */
  async end(): Promise<StagedLane[]> {
    await Promise.all(this.lanes.map(({ writer }) => writer.end()));
    if (this.months.size > 0) await ensureMonths(this.db, [...this.months]);
    return this.lanes.map(({ writer, rows, partitions }) => ({ reading: writer.reading, rows, partitions }));
  }

  abort(reason: Error): void {
    for (const { writer } of this.lanes) writer.abort(reason);
  }
}
