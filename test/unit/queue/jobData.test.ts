import { describe, expect, test } from '@jest/globals';
import { etlRunSchema, parseEtlRunData } from '../../../lib/queue/jobData.ts';

describe('parseEtlRunData', () => {
  test.each([
    [{}],
    [{ slot: '2026-11-05T09:00:00Z' }],
    [{ slot: '2026-11-05T09:00:00.000Z', trigger: 'clock' }],
    [{ trigger: 'start-up' }],
    [{ trigger: 'sweep' }],
    [{ trigger: 'hand' }],
    [{ trigger: 'once' }],
  ])('takes %j as it is', (data) => {
    expect(parseEtlRunData(data)).toEqual(data);
  });

  test.each([
    [undefined],
    [null],
    ['{}'],
    [7],
    [[]],
    [{ slot: '' }],
    [{ slot: '2026-11-05 09:00' }],
    [{ slot: '2026-11-05T09:00:00+01:00' }],
    [{ slot: '2026-02-30T09:00:00Z' }],
    [{ slot: '2026-11-05T25:00:00Z' }],
    [{ slot: null }],
    [{ slot: 1_700_000_000_000 }],
    [{ trigger: 'cron' }],
    [{ input_dir: '/etc' }],
    [{ slot: '2026-11-05T09:00:00Z', path: '/etc/passwd' }],
  ])('refuses %j with a sentence that no retry mends', (data) => {
    expect(() => parseEtlRunData(data)).toThrow(expect.objectContaining({ code: 'ETL_RUN_DATA', retryable: false }));
    expect(() => parseEtlRunData(data)).toThrow('add a job with {} and the current hour runs');
  });

  test('names the field that is wrong', () => {
    expect(() => parseEtlRunData({ slot: 'now' })).toThrow(/\(slot: /);
    expect(() => parseEtlRunData({ colour: 'red' })).toThrow(/colour/);
  });
});

test('the form of the queue UI offers {} and nothing that is refused', () => {
  expect(etlRunSchema.default).toEqual({});
  expect(etlRunSchema.additionalProperties).toBe(false);
  expect(Object.keys(etlRunSchema.properties)).toEqual(['slot']);
  expect(parseEtlRunData(etlRunSchema.default)).toEqual({});
});
