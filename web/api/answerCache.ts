const maxBytes = 24 * 1024 * 1024;

/** Answers that were made lately, by the view and address that they are of; at most 24 MB of UTF-8. */
export type AnswerCache = Readonly<{
  /** The kept answer, or the one that `make` makes; who asks meanwhile waits for the same. */
  get(key: string, make: () => Promise<string>): Promise<Buffer>;
  /** Forgets all: another view is shown. */
  clear(): void;
}>;

export function answerCache(limitBytes = maxBytes): AnswerCache {
  const kept = new Map<string, Buffer>();
  const making = new Map<string, Promise<Buffer>>();
  let bytes = 0;

  function keep(key: string, body: Buffer): void {
    // One answer must not push out all others.
    if (body.length > limitBytes / 4) return;
    kept.set(key, body);
    bytes += body.length;
    for (const [oldest, { length }] of kept) {
      if (bytes <= limitBytes) break;
      kept.delete(oldest);
      bytes -= length;
    }
  }

  async function made(key: string, make: () => Promise<string>): Promise<Buffer> {
    const answer = make().then((text) => Buffer.from(text, 'utf8'));
    making.set(key, answer);
    try {
      const body = await answer;
      // Not where all was forgotten meanwhile.
      if (making.get(key) === answer) keep(key, body);
      return body;
    } finally {
      if (making.get(key) === answer) making.delete(key);
    }
  }

  return {
    async get(key, make) {
      const known = kept.get(key);
      if (known === undefined) return making.get(key) ?? made(key, make);
      // Used again, it is the newest.
      kept.delete(key);
      kept.set(key, known);
      return known;
    },
    clear() {
      kept.clear();
      making.clear();
      bytes = 0;
    },
  };
}
