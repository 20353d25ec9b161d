import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type BrokerConnection, openConnection } from '../../../lib/kafka/brokerConnection.ts';
import { produceApi, produceBody, produceErrors } from '../../../lib/kafka/produceRequest.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A connection to a server that does with each request what `onRequest` says. */
async function connection(onRequest: (request: Buffer, socket: Socket) => void): Promise<BrokerConnection> {
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE()) {
        const end = 4 + bytes.readInt32BE();
        onRequest(bytes.subarray(4, end), socket);
        bytes = bytes.subarray(end);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const opened = await openConnection('127.0.0.1', (server.address() as AddressInfo).port);
  closers.push(() => {
    opened.close();
    server.close();
  });
  return opened;
}

function answer(request: Buffer, body: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length);
  head.writeInt32BE(request.readInt32BE(4), 4);
  return Buffer.concat([head, Buffer.from(body)]);
}

test('answers come to their requests, however the bytes are torn', async () => {
  let held: Buffer[] = [];
  const one = await connection((request, socket) => {
    held.push(answer(request, `to ${request.subarray(-1)}`));
    if (held.length < 3) return;
    const all = Buffer.concat(held);
    held = [];
    socket.write(all.subarray(0, 5));
    setTimeout(() => socket.write(all.subarray(5)), 20);
  });
  const asked = ['a', 'b', 'c'].map((name) => one.request(produceApi, [Buffer.from('x'), Buffer.from(name)]));
  expect((await Promise.all(asked)).map(String)).toEqual(['to a', 'to b', 'to c']);
});

test('a connection that ends takes all that waits along, and is closed', async () => {
  const one = await connection((_, socket) => socket.destroy());
  const asked = [one.request(produceApi, []), one.request(produceApi, [])];
  for (const request of asked) await expect(request).rejects.toThrow(/closed|ECONNRESET/);
  expect(one.isOpen()).toBe(false);
  await expect(one.request(produceApi, [])).rejects.toThrow('is closed');
});

test('what is no answer of Kafka ends the connection', async () => {
  const one = await connection((_, socket) => socket.write('HTTP/1.1 400 Bad Request'));
  await expect(one.request(produceApi, [])).rejects.toThrow('does not answer as Kafka does');
  expect(one.isOpen()).toBe(false);
});

test('nobody there is told', async () => {
  await expect(openConnection('127.0.0.1', 1)).rejects.toThrow('ECONNREFUSED');
});

test('a produce request names the topic and each partition with its batch; errors are read per partition', () => {
  const batches = new Map([
    [3, Buffer.from('three')],
    [1, Buffer.from('one')],
  ]);
  const body = Buffer.concat(produceBody('t.x', batches)).toString('latin1');
  expect(body).toBe(
    '\xff\xff\xff\xff\x00\x00\x75\x30\x00\x00\x00\x01\x00\x03t.x\x00\x00\x00\x02' +
      '\x00\x00\x00\x03\x00\x00\x00\x05three\x00\x00\x00\x01\x00\x00\x00\x03one',
  );
  const reply = Buffer.alloc(4 + 2 + 3 + 4 + 2 * 30 + 4);
  reply.writeInt32BE(1);
  reply.writeInt16BE(3, 4);
  reply.writeInt32BE(2, 9);
  reply.writeInt32BE(3, 13);
  reply.writeInt32BE(1, 43);
  reply.writeInt16BE(6, 47);
  expect([...produceErrors(reply)]).toEqual([
    [3, 0],
    [1, 6],
  ]);
});
