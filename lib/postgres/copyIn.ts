import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import copyStreams from 'pg-copy-streams';

/** A COPY … FROM STDIN under way on a connection: text is sent as it comes, and waits where PostgreSQL is slower. */
export class CopyIn {
  private readonly copy: ReturnType<typeof copyStreams.from>;
  private readonly done: Promise<void>;

  constructor(client: pg.PoolClient, statement: string) {
    this.copy = client.query(copyStreams.from(statement));
    this.done = finished(this.copy);
    // Told to whoever writes next, or ends it.
    this.done.catch(() => undefined);
  }

  /** Lines of COPY's text format, each with its line end. */
  async write(lines: string): Promise<void> {
    if (this.copy.destroyed) await this.done;
    if (!this.copy.write(lines)) await Promise.race([once(this.copy, 'drain'), this.done]);
  }

  /** All is in PostgreSQL when this returns. */
  async end(): Promise<void> {
    this.copy.end();
    await this.done;
  }

  abort(reason: Error): void {
    this.copy.destroy(reason);
  }
}
