/**
 * Work that goes on while more is prepared, only so much at a time. A failure is never lost, however early it comes:
 * the next `add` throws it, or `end`.
 */
export class UnderWay {
  private readonly most: number;
  private readonly works = new Set<Promise<void>>();
  private failure: { error: unknown } | undefined;

  constructor(most: number) {
    this.most = most;
  }

  /** Returns when there is room for more. */
  async add(work: Promise<void>): Promise<void> {
    const one = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.works.delete(one));
    this.works.add(one);
    if (this.works.size >= this.most) await Promise.race(this.works);
    this.throwFailure();
  }

  /** Waits for all, so that nothing goes on behind the caller's back. */
  async end(): Promise<void> {
    await this.settled();
    this.throwFailure();
  }

  async settled(): Promise<void> {
    await Promise.all(this.works);
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
