import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import copyStreams from 'pg-copy-streams';

/** A write to the connection for each row would cost more than its text. */
const charactersPerWrite = 64 * 1024;

/** A COPY … FROM STDIN under way on a connection: text is sent in blocks, and waits where PostgreSQL is slower. */
export class CopyIn {
  private waiting: string[] = [];
  private waitingCharacters = 0;
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
    this.waiting.push(lines);
    this.waitingCharacters += lines.length;
    if (this.waitingCharacters >= charactersPerWrite && !this.send()) {
      await Promise.race([once(this.copy, 'drain'), this.done]);
    }
  }

  /** All is in PostgreSQL when this returns. */
  async end(): Promise<void> {
    this.send();
    this.copy.end();
    await this.done;
  }

  abort(reason: Error): void {
    this.copy.destroy(reason);
  }

  /** Sends what waits; false where the connection wants a pause. */
  private send(): boolean {
    const text = this.waiting.join('');
    this.waiting = [];
    this.waitingCharacters = 0;
    return this.copy.write(text);
  }
}
