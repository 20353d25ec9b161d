import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an attack sees and may do for one connection; `swallowed` answers of the server never arrive. */
export type ProxiedConnection = { swallowed: boolean; readonly seen: Map<string, boolean>; cut(): void };

/** A TCP proxy on loopback in front of a real server, which it can make slow, silent or unreachable. */
export type TcpProxy = {
  readonly port: number;
  /** The same address, through the proxy. */
  through(url: string): string;
  /** Milliseconds that each chunk waits, in both directions. */
  delayMs: number;
  /** Called with what the client sends, before it is passed on. */
  onClientData: ((chunk: Buffer, connection: ProxiedConnection) => void) | undefined;
  /** Cuts all connections; refuses new ones until `restore`. */
  cutOff(): Promise<void>;
  restore(): Promise<void>;
  /** Accepts and holds, but passes nothing on, as a stopped server does; until `resume`. */
  pause(): void;
  resume(): void;
  /** Cuts the connections of now; new ones are served. */
  cutNow(): void;
  /** How many connections there are. */
  connections(): number;
  close(): Promise<void>;
};

export async function openProxy(url: string): Promise<TcpProxy> {
  const target = new URL(url);
  const open = new Set<ProxiedConnection>();
  const waiting = new Set<() => void>();
  let paused = false;
  let server: Server | undefined;
  let port = 0;

  const passing = async () => {
    while (paused) await new Promise<void>((go) => waiting.add(go));
  };
  const serve = (near: Socket) => {
    const far = connect(Number(target.port), target.hostname);
    const connection: ProxiedConnection = {
      swallowed: false,
      seen: new Map(),
      cut() {
        near.destroy();
        far.destroy();
        open.delete(connection);
      },
    };
    open.add(connection);
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => connection.cut());
    }
    void pump(near, far, (chunk) => proxy.onClientData?.(chunk, connection));
    void pump(far, near, () => undefined, connection);
  };

  /** One chunk at a time, so that a delay keeps their order. */
  async function pump(from: Socket, to: Socket, look: (chunk: Buffer) => void, answers?: ProxiedConnection) {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        look(chunk);
        if (proxy.delayMs > 0) await sleep(proxy.delayMs);
        await passing();
        if (answers?.swallowed) continue;
        if (!to.write(chunk)) await new Promise((go) => to.once('drain', go).once('close', go));
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  const listen = async () => {
    const listening = createServer(serve);
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject);
      listening.listen(port, '127.0.0.1', resolve);
    });
    port = (listening.address() as { port: number }).port;
    server = listening;
  };
  const cutNow = () => {
    for (const connection of [...open]) connection.cut();
  };
  const stopListening = async () => {
    const old = server;
    server = undefined;
    if (old === undefined) return;
    const closed = new Promise<void>((resolve) => old.close(() => resolve()));
    cutNow();
    await closed;
  };

  await listen();
  const proxy: TcpProxy = {
    port,
    through(address) {
      const parts = new URL(address);
      parts.hostname = '127.0.0.1';
      parts.port = String(port);
      return parts.href.replace(/\/$/, '');
    },
    delayMs: 0,
    onClientData: undefined,
    cutOff: stopListening,
    async restore() {
      if (server === undefined) await listen();
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      for (const go of waiting) go();
      waiting.clear();
    },
    cutNow,
    connections: () => open.size,
    async close() {
      proxy.resume();
      await stopListening();
    },
  };
  return proxy;
}
