import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../config/configError.ts';
import { parseSettings } from '../../../config/settings.ts';
import { isTimeZone } from '../../../config/timeZone.ts';

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseSettings(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const keysOf = (env: Readonly<Record<string, string>>) => problemsOf(env).map((problem) => problem.split(':')[0]);

describe('parseSettings', () => {
  test('gives the documented defaults for an empty environment', () => {
    expect(parseSettings({})).toMatchObject({
      dataset: 'main',
      inputDir: undefined,
      outputDir: resolve('output'),
      kafkaBrokers: undefined,
      postgresUrl: undefined,
      mongodbUrl: undefined,
      redisUrl: undefined,
      servicesFrom: 'auto',
      homeDir: resolve('.tillcast'),
      host: '127.0.0.1',
      port: 3000,
      webPassword: undefined,
      schedule: '0 * * * *',
      timeZone: 'UTC',
      dateOrder: 'mdy',
      dateOrderByStore: new Map(),
      settleMs: 30_000,
      minDate: '2000-01-01',
      maxFutureHours: 36,
      minRejectRows: 100,
      maxRejectPercent: 5,
      silentDays: 7,
      combinedDays: 92,
      dailyDays: 400,
      csvBom: 'auto',
      csvFormulaEscape: 'text',
      onlineBopisMovesStock: false,
      planningDefaults: { leadTimeDays: undefined, reviewPeriodDays: undefined, serviceLevel: 0.95, packSize: 1 },
      planningFile: undefined,
      abcCuts: [0.8, 0.95],
      xyzCuts: [0.5, 1],
      forecastConfidence: 0.9,
    });
  });

  test('reads what planning is made with', () => {
    expect(
      parseSettings({
        LEAD_TIME_DAYS: '0',
        REVIEW_PERIOD_DAYS: '14',
        SERVICE_LEVEL: '0.98',
        PACK_SIZE: '12',
        PLANNING_FILE: '/data/planning.csv',
        ABC_CUTS: '0.7, 1',
        XYZ_CUTS: '0.1,0.25',
        FORECAST_CONFIDENCE: '0.8',
      }),
    ).toMatchObject({
      planningDefaults: { leadTimeDays: 0, reviewPeriodDays: 14, serviceLevel: 0.98, packSize: 12 },
      planningFile: '/data/planning.csv',
      abcCuts: [0.7, 1],
      xyzCuts: [0.1, 0.25],
      forecastConfidence: 0.8,
    });
  });

  test('refuses what planning cannot be made with, all at once', () => {
    expect(
      keysOf({
        LEAD_TIME_DAYS: '-1',
        REVIEW_PERIOD_DAYS: '0',
        SERVICE_LEVEL: '95',
        PACK_SIZE: '0.5',
        ABC_CUTS: '0.95,0.8',
        XYZ_CUTS: '0.5',
        FORECAST_CONFIDENCE: '1',
      }),
    ).toEqual([
      'LEAD_TIME_DAYS',
      'REVIEW_PERIOD_DAYS',
      'SERVICE_LEVEL',
      'PACK_SIZE',
      'ABC_CUTS',
      'XYZ_CUTS',
      'FORECAST_CONFIDENCE',
    ]);
    expect(problemsOf({ ABC_CUTS: '0.8,1.1' })).toEqual([
      'ABC_CUTS: expected two ascending numbers above 0 and up to 1 like 0.8,0.95',
    ]);
  });

  test('an empty value is no value', () => {
    expect(parseSettings({ PORT: '', INPUT_DIR: '', POSTGRES_URL: '', TIMEZONE: '' })).toEqual(parseSettings({}));
  });

  test('reads what is set', () => {
    expect(
      parseSettings({
        DATASET: 'shop_2',
        INPUT_DIR: '/data/in',
        OUTPUT_DIR: '/data/out',
        KAFKA_BROKERS: 'a:9092,b:9093',
        POSTGRES_URL: 'postgresql://u:p@db/tillcast',
        MONGODB_URL: 'mongodb+srv://m/x',
        REDIS_URL: 'rediss://r:6379',
        SCHEDULE: '*/15 9-17 * * mon-fri',
        TIMEZONE: 'Europe/Berlin',
        DATE_ORDER: 'dmy',
        DATE_ORDER_STORES: '3:mdy, 7:dmy,-1:mdy',
        SETTLE_SECONDS: '0',
        COMBINED_DAYS: '0',
        MIN_DATE: '2024-02-29',
        MAX_REJECT_PERCENT: '100',
        CSV_BOM: 'never',
        ONLINE_BOPIS_MOVES_STOCK: 'yes',
      }),
    ).toMatchObject({
      dataset: 'shop_2',
      inputDir: '/data/in',
      outputDir: '/data/out',
      kafkaBrokers: 'a:9092,b:9093',
      schedule: '*/15 9-17 * * mon-fri',
      timeZone: 'Europe/Berlin',
      dateOrder: 'dmy',
      dateOrderByStore: new Map([
        [3, 'mdy'],
        [7, 'dmy'],
        [-1, 'mdy'],
      ]),
      settleMs: 0,
      combinedDays: 0,
      minDate: '2024-02-29',
      maxRejectPercent: 100,
      csvBom: 'never',
      onlineBopisMovesStock: true,
    });
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(parseSettings({}))).toBe(true);
  });

  test('passes over keys that are none of its own', () => {
    expect(problemsOf({ PATH: '/bin', COMBINED_DAY: 'x' })).toEqual([]);
  });

  test('reports every bad key at once, the missing password included', () => {
    expect(
      keysOf({
        DATASET: 'Main',
        PORT: '70000',
        TIMEZONE: 'Europe/Nowhere',
        SCHEDULE: 'hourly',
        DATE_ORDER: 'ymd',
        MIN_DATE: '2026-13-01',
        COMBINED_DAYS: '-1',
        CSV_BOM: 'yes',
        HOST: '0.0.0.0',
      }).sort(),
    ).toEqual([
      'COMBINED_DAYS',
      'CSV_BOM',
      'DATASET',
      'DATE_ORDER',
      'HOST',
      'MIN_DATE',
      'PORT',
      'SCHEDULE',
      'TIMEZONE',
    ]);
  });

  test('is one error with its code and a line a key, never retryable', () => {
    const bad = () => parseSettings({ PORT: 'x', COMBINED_DAYS: '1.5' });
    expect(bad).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'ETL_CONFIG', retryable: false }));
    expect(bad).toThrow(
      'Settings need mending (environment or .env):\n' +
        '  - PORT: expected a whole number from 0 to 65535\n' +
        '  - COMBINED_DAYS: expected a whole number from 0 to 100000',
    );
  });

  test('never says a value of an address or a password', () => {
    const secret = 'hunter2';
    const env = {
      KAFKA_BROKERS: `${secret} no port`,
      POSTGRES_URL: `mysql://u:${secret}@db`,
      MONGODB_URL: `http://u:${secret}@db`,
      REDIS_URL: `${secret}@redis`,
      WEB_PASSWORD: secret,
      PORT: 'x',
    };
    expect(keysOf(env).sort()).toEqual(['KAFKA_BROKERS', 'MONGODB_URL', 'PORT', 'POSTGRES_URL', 'REDIS_URL']);
    expect(() => parseSettings(env)).not.toThrow(secret);
  });
});

describe('HOST', () => {
  test.each(['0.0.0.0', '::', '192.168.1.7', 'shop.example'])('%s needs a password', (host) => {
    expect(problemsOf({ HOST: host })).toEqual([
      'HOST: a page that other machines can reach needs WEB_PASSWORD; set it, or keep HOST=127.0.0.1',
    ]);
    expect(keysOf({ HOST: host, WEB_PASSWORD: '' })).toEqual(['HOST']);
    expect(parseSettings({ HOST: host, WEB_PASSWORD: 'x' }).host).toBe(host);
  });

  test.each(['127.0.0.1', 'localhost', '::1'])('%s needs none', (host) => {
    expect(parseSettings({ HOST: host }).webPassword).toBeUndefined();
  });
});

describe('SCHEDULE', () => {
  test.each(['0 * * * *', '*/5 * * * *', '0,30 8-18 * * 1-5', '15 4 1 jan,JUL *', '0  0 * * sun'])(
    'takes %j',
    (text) => {
      expect(parseSettings({ SCHEDULE: text }).schedule).toBe(text);
    },
  );

  test.each([
    'hourly',
    '@hourly',
    '* * *',
    '* * * * * *',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 30 2 *',
    '*/0 * * * *',
    '0 0 * foo *',
    '0 0 L * *',
    'H * * * *',
    '0 0 ? * *',
    '0 0 * * 5#2',
    ' ',
  ])('refuses %j', (text) => {
    expect(problemsOf({ SCHEDULE: text })).toEqual([
      'SCHEDULE: expected a cron schedule of five fields like 0 * * * *, in UTC',
    ]);
  });
});

test.each([
  ['MIN_DATE', '2023-02-29'],
  ['MIN_DATE', '2023-2-9'],
  ['MIN_DATE', '0000-01-01'],
  ['MIN_DATE', '2023-02-09 00:00'],
  ['MIN_DATE', 'yesterday'],
  ['DATASET', '1st'],
  ['DATASET', 'a-b'],
  ['DATASET', 'a'.repeat(31)],
  ['DATE_ORDER_STORES', '3'],
  ['DATE_ORDER_STORES', '3:ymd'],
  ['DATE_ORDER_STORES', '3:mdy,'],
  ['DATE_ORDER_STORES', 'x:mdy'],
  ['KAFKA_BROKERS', '127.0.0.1'],
  ['SETTLE_SECONDS', '1.5'],
  ['SETTLE_SECONDS', ' 5'],
  ['SETTLE_SECONDS', '+5'],
  ['MAX_REJECT_PERCENT', '101'],
  ['MIN_REJECT_ROWS', '0'],
  ['SERVICES', 'podman'],
  ['CSV_FORMULA_ESCAPE', 'on'],
  ['ONLINE_BOPIS_MOVES_STOCK', 'true'],
  ['TIMEZONE', 'CEST+2'],
])('refuses %s=%j', (key, value) => {
  expect(keysOf({ [key]: value })).toEqual([key]);
});

test('isTimeZone knows IANA names', () => {
  expect(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Argentina/Ushuaia'].map(isTimeZone)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['', 'Berlin', 'Europe/Berlin ', 'Mars/Olympus'].map(isTimeZone)).toEqual([false, false, false, false]);
});
