import { connect, createServer, type Socket } from 'node:net';
import { readSettings } from '../../config/settings.ts';
import { runOnce } from '../../jobs/once.ts';
import { openPipeline } from '../../jobs/pipeline.ts';
import { testServices } from './services.ts';

/** A process of its own that runs `once` and loses Redis when the producer is done; prints the code of its error. */
const services = testServices();
const redis = new URL(services.redisUrl);
const sockets = new Set<Socket>();
const proxy = createServer((near) => {
  const far = connect(Number(redis.port), redis.hostname);
  near.pipe(far).pipe(near);
  for (const socket of [near, far]) {
    sockets.add(socket);
    socket.on('error', () => undefined);
  }
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const { port } = proxy.address() as { port: number };
const settings = readSettings();
const urls = { ...services, redisUrl: `redis://127.0.0.1:${port}` };
const pipeline = await openPipeline(settings, urls, settings.inputDir ?? '');
const cut = (line: string) => {
  if (!line.startsWith('produce:')) return;
  proxy.close();
  for (const socket of sockets) socket.destroy();
};
const told = await runOnce(pipeline, cut, 6_000).then(
  (summary) => summary.status,
  (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
);
process.stdout.write(told, () => process.exit());
