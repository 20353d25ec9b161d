import { describe, expect, test } from '@jest/globals';
import { pinOf } from '../../../web/api/answer.ts';
import { answerCache } from '../../../web/api/answerCache.ts';
import { csvLine } from '../../../web/api/csvLine.ts';

describe('the cache of answers', () => {
  /** Answers of 100 characters, and how often each was made. */
  function counted(limitBytes: number) {
    const cache = answerCache(limitBytes);
    const made: string[] = [];
    const get = async (key: string) => {
      const body = await cache.get(key, async () => {
        made.push(key);
        return key.padEnd(100);
      });
      return body.toString();
    };
    return { cache, made, get };
  }

  test('makes an answer once, also for those who ask meanwhile', async () => {
    const { made, get } = counted(1e6);
    await Promise.all([get('a'), get('a'), get('a')]);
    expect(await get('a')).toBe('a'.padEnd(100));
    expect(made).toEqual(['a']);
  });

  test('keeps so many bytes, and lets go of what was not asked for longest', async () => {
    const { made, get } = counted(1_000);
    for (const key of 'abcdefghij') await get(key);
    await get('a');
    await get('k');
    await get('a');
    await get('b');
    expect(made.join('')).toBe('abcdefghijkb');
  });

  test('keeps nothing that would take up a quarter of it', async () => {
    const { made, get } = counted(399);
    await get('a');
    await get('a');
    expect(made).toEqual(['a', 'a']);
  });

  test('keeps no failure, and nothing that was begun before all was forgotten', async () => {
    const { cache, made, get } = counted(1e6);
    await expect(cache.get('x', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await get('x')).toBe('x'.padEnd(100));
    let finish: (text: string) => void = () => undefined;
    const slow = cache.get('slow', () => new Promise<string>((resolve) => (finish = resolve)));
    cache.clear();
    finish('old');
    expect((await slow).toString()).toBe('old');
    expect(await get('slow')).toBe('slow'.padEnd(100));
    expect(made).toEqual(['x', 'slow']);
  });
});

describe('the ETag of an answer', () => {
  const view = { runId: '20261105T0900Z', state: 'published', publishedAt: new Date(1e12), number: 1 } as const;
  const settings = { dailyDays: 400, combinedDays: 92, timeZone: 'UTC', silentDays: 7 };

  test('names the run, and is the same for every server that shows it under the same settings', () => {
    expect(pinOf(view, settings)).toMatch(/^20261105T0900Z\/[\w-]{12}$/);
    expect(pinOf({ ...view, number: 7 }, settings)).toBe(pinOf(view, settings));
  });

  test('is another one for another publication, other settings, and each counted state', () => {
    const counted = { ...view, state: 'counted', publishedAt: null } as const;
    const tags = [
      pinOf(view, settings),
      pinOf({ ...view, publishedAt: new Date(1e12 + 1) }, settings),
      pinOf(view, { ...settings, dailyDays: 28 }),
      pinOf(counted, settings),
      pinOf({ ...counted, number: 2 }, settings),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });
});

test('a line of a download is written as PostgreSQL writes CSVs', () => {
  expect(csvLine(['a', null, '', 'b,c', 'say "hi"', 'two\nlines', ' x '])).toBe(
    'a,,"","b,c","say ""hi""","two\nlines", x \n',
  );
});
