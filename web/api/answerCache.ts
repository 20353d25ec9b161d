const maxBytes = 24 * 1024 * 1024;

/** Answers that were made lately, by the view and address that they are of; at most 24 MB of text. */
export type AnswerCache = Readonly<{
  /** The kept answer, or the one that `make` makes; who asks meanwhile waits for the same. */
  get(key: string, make: () => Promise<string>): Promise<string>;
  /** Forgets all: another view is shown. */
  clear(): void;
}>;

export function answerCache(limitBytes = maxBytes): AnswerCache {
  const kept = new Map<string, string>();
  const making = new Map<string, Promise<string>>();
  let bytes = 0;

  function keep(key: string, body: string): void {
    // Two bytes a character, at most.
    const size = body.length * 2;
    if (size > limitBytes / 8) return;
    kept.set(key, body);
    bytes += size;
    for (const [oldest, text] of kept) {
      if (bytes <= limitBytes) break;
      kept.delete(oldest);
      bytes -= text.length * 2;
    }
  }

  return {
    async get(key, make) {
      const known = kept.get(key);
      if (known !== undefined) {
        // Used again, it is the newest.
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      let body = making.get(key);
      if (body === undefined) {
        body = make();
        making.set(key, body);
        body
          .then(
            (text) => {
              if (making.get(key) === body) keep(key, text);
            },
            () => undefined,
          )
          .finally(() => {
            if (making.get(key) === body) making.delete(key);
          });
      }
      return body;
    },
    clear() {
      kept.clear();
      making.clear();
      bytes = 0;
    },
  };
}
