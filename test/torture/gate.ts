/** Lets checks go on side by side, and an outage of a server only while no check is under way. */
export type Gate = Readonly<{
  shared<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}>;

export function openGate(): Gate {
  let inside = 0;
  let closed = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  const turn = () => new Promise<void>((resolve) => waiting.push(resolve));
  return {
    async shared(work) {
      while (closed) await turn();
      inside += 1;
      try {
        return await work();
      } finally {
        inside -= 1;
        wake();
      }
    },
    async alone(work) {
      while (closed) await turn();
      closed = true;
      try {
        while (inside > 0) await turn();
        return await work();
      } finally {
        closed = false;
        wake();
      }
    },
  };
}
