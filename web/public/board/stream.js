/**
 * One stream of events for all tabs of a browser: it has six connections to a server for all of them. The tab that gets
 * the lock listens and passes on; another takes over when it is closed.
 */

/** @typedef {{ kind: string, data: any }} Told */

/** @param {(told: Told) => void} hear `published` with a run, `run` with the run under way or null, `away`, `back` */
export function listen(hear) {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tillcast') : undefined;
  channel?.addEventListener('message', ({ data }) => hear(data));
  const lead = () => {
    const stream = new EventSource('/api/stream');
    let lost = false;
    /** @param {Told} told */
    const tell = (told) => {
      hear(told);
      channel?.postMessage(told);
    };
    for (const kind of ['published', 'run']) {
      stream.addEventListener(kind, (event) => tell({ kind, data: JSON.parse(event.data) }));
    }
    stream.addEventListener('error', () => {
      lost = true;
      tell({ kind: 'away', data: null });
    });
    stream.addEventListener('open', () => {
      if (lost) tell({ kind: 'back', data: null });
      lost = false;
    });
    return stream;
  };
  // Over plain HTTP to another host browsers have no locks: then each tab listens for itself.
  if (navigator.locks === undefined || channel === undefined) return void lead();
  const join = () =>
    navigator.locks.request(
      'tillcast-stream',
      () =>
        new Promise((resolve) => {
          const stream = lead();
          const leave = () => {
            stream.close();
            resolve(undefined);
          };
          addEventListener('pagehide', leave, { once: true });
        }),
    );
  void join();
  // A page that the browser had put aside and shows again takes part again.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) void join();
  });
}
