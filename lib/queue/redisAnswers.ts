import { Redis } from 'ioredis';
import { messageOf } from '../core/errors.ts';

/** Whether a server answers, and which; `reason` is one line without secrets. Never throws. */
export type RedisAnswer = { ok: true; server: string } | { ok: false; reason: string };

/** Asks the server at `url` for its version, within about `timeoutMs`. `server` is like `Redis 7.4.2`. */
export async function redisAnswers(url: string, timeoutMs = 5000): Promise<RedisAnswer> {
  let refused = '';
  let redis: Redis | undefined;
  try {
    redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    redis.on('error', (error) => {
      refused = messageOf(error);
    });
    await redis.connect();
    const info = await redis.info('server');
    return { ok: true, server: `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? ''}`.trim() };
  } catch (error) {
    return { ok: false, reason: refused || messageOf(error) };
  } finally {
    redis?.disconnect();
  }
}
