import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { TillcastError } from '../../lib/core/errors.ts';

// Below the ranges from which systems take ports for outgoing connections (Linux 32768, macOS 49152 and up).
const lowest = 20_000;
const highest = 32_000;

/**
 * `count` free ports on 127.0.0.1, none of them `taken`: the `wanted` ones if they are all free, else others.
 * All are held until the last is found, so that one call never returns a port twice.
 */
export async function freePorts(
  count: number,
  wanted: readonly number[] = [],
  taken: readonly number[] = [],
): Promise<number[]> {
  const held: Server[] = [];
  const hold = async (port: number) => {
    const server = taken.includes(port) ? undefined : await listen(port);
    if (server !== undefined) held.push(server);
    return server !== undefined;
  };
  try {
    const kept = wanted.slice(0, count);
    if (kept.length === count && (await Promise.all(kept.map(hold))).every(Boolean)) return kept;
    const found: number[] = [];
    for (let tries = 0; found.length < count; tries += 1) {
      if (tries > 200) throw new TillcastError('ETL_SERVICES', `no free port between ${lowest} and ${highest}`);
      const port = randomInt(lowest, highest);
      if (await hold(port)) found.push(port);
    }
    return found;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
