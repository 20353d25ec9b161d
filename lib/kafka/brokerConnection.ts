import { connect, type Socket } from 'node:net';

/** Requests to one broker over one connection; the broker answers them in their order. */
export type BrokerConnection = Readonly<{
  /** The answer's body. Rejects where the connection is lost or the answer takes more than 30 s. */
  request(api: Readonly<{ key: number; version: number }>, body: readonly Buffer[]): Promise<Buffer>;
  /** Whether it can still be used. */
  isOpen(): boolean;
  close(): void;
}>;

const connectMs = 5_000;
const answerMs = 30_000;
const clientId = Buffer.from('tillcast-producer');
/** Length and correlation id of an answer. */
const answerHead = 8;
/** No answer to a produce request is as long; another server's greeting may read so. */
const longestAnswer = 16 * 1024 * 1024;

type Waiting = Readonly<{
  id: number;
  resolve(body: Buffer): void;
  reject(reason: Error): void;
  timer: NodeJS.Timeout;
}>;

/** @throws Error where no connection comes about within 5 s */
export async function openConnection(host: string, port: number): Promise<BrokerConnection> {
  const socket = await connected(host, port);
  const where = `${host}:${port}`;
  const waiting: Waiting[] = [];
  let open = true;
  let correlationId = 0;
  let received: Buffer = Buffer.alloc(0);

  const fail = (reason: Error) => {
    open = false;
    socket.destroy();
    for (const { timer, reject } of waiting.splice(0)) {
      clearTimeout(timer);
      reject(reason);
    }
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error(`the connection to ${where} was closed`)));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (received.length >= answerHead) {
      const length = received.readInt32BE();
      if (length < 4 || length > longestAnswer) return fail(new Error(`${where} does not answer as Kafka does`));
      if (received.length < 4 + length) return;
      const next = waiting.shift();
      if (next === undefined || received.readInt32BE(4) !== next.id) {
        if (next !== undefined) waiting.unshift(next);
        return fail(new Error(`${where} answered what was not asked`));
      }
      clearTimeout(next.timer);
      next.resolve(received.subarray(answerHead, 4 + length));
      received = received.subarray(4 + length);
    }
  });

  return {
    request(api, body) {
      if (!open) return Promise.reject(new Error(`the connection to ${where} is closed`));
      correlationId = (correlationId + 1) & 0x7fffffff;
      const id = correlationId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => fail(new Error(`no answer from ${where} within ${answerMs / 1000} s`)),
          answerMs,
        );
        waiting.push({ id, resolve, reject, timer });
        socket.cork();
        socket.write(requestHead(api, id, body));
        for (const piece of body) socket.write(piece);
        socket.uncork();
      });
    },
    isOpen: () => open,
    close: () => fail(new Error(`the connection to ${where} was closed by this side`)),
  };
}

function requestHead(api: Readonly<{ key: number; version: number }>, id: number, body: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length);
  const length = head.length - 4 + body.reduce((sum, piece) => sum + piece.length, 0);
  let at = head.writeInt32BE(length);
  at = head.writeInt16BE(api.key, at);
  at = head.writeInt16BE(api.version, at);
  at = head.writeInt32BE(id, at);
  at = head.writeInt16BE(clientId.length, at);
  clientId.copy(head, at);
  return head;
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection to ${host}:${port} within ${connectMs / 1000} s`)),
      connectMs,
    );
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
