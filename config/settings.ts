import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { ConfigError } from './configError.ts';
import { failPoints, parseFailAt } from './failPoints.ts';
import { planningShape, toPlanningSettings } from './planningSettings.ts';
import { isTimeZone } from './timeZone.ts';
import { wholeNumber } from './values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.enum(values, { error: `expected one of ${values.join(', ')}` }).default(fallback as never);

const address = (scheme: RegExp, example: string) =>
  z
    .string()
    .regex(scheme, { error: `expected an address like ${example}` })
    .optional();

const perStore = z
  .string()
  .default('')
  .refine((text) => text === '' || text.split(',').every((part) => /^\s*-?\d+:(mdy|dmy)\s*$/.test(part)), {
    error: 'expected store_id:order pairs like 3:dmy,7:mdy',
  })
  .transform(
    (text) =>
      new Map(
        text
          .split(',')
          .filter((part) => part.trim() !== '')
          .map((part) => {
            const [store = '', order = ''] = part.trim().split(':');
            return [Number(store), order as DateOrder] as const;
          }),
      ),
  );

/** Order of day and month in `1/2/2026`: `mdy` (January 2nd) or `dmy` (February 1st). */
export type DateOrder = 'mdy' | 'dmy';

const shape = planningShape.extend({
  DATASET: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,29}$/, { error: 'expected a-z, 0-9 and _, at most 30, first a letter' })
    .default('main'),
  INPUT_DIR: z.string().optional(),
  OUTPUT_DIR: z.string().default('output'),
  KAFKA_BROKERS: address(/^[^\s:]+:\d+(,[^\s:]+:\d+)*$/, '127.0.0.1:9092'),
  POSTGRES_URL: address(/^postgres(ql)?:\/\/\S+$/, 'postgres://user:password@127.0.0.1:5432/tillcast'),
  MONGODB_URL: address(/^mongodb(\+srv)?:\/\/\S+$/, 'mongodb://127.0.0.1:27017'),
  REDIS_URL: address(/^rediss?:\/\/\S+$/, 'redis://127.0.0.1:6379'),
  SERVICES: oneOf(['auto', 'docker', 'native'], 'auto'),
  TILLCAST_HOME: z.string().default('.tillcast'),
  TILLCAST_CACHE: z.string().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(3000, 0, 65535),
  WEB_PASSWORD: z.string().optional(),
  SCHEDULE: z
    .string()
    .refine(isSchedule, { error: 'expected a cron schedule of five fields like 0 * * * *, in UTC' })
    .default('0 * * * *'),
  ALERT_WEBHOOK: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
      error: 'expected an address that begins with https:// or http://',
    })
    .optional(),
  ALERT_ABSENCE_PERIODS: wholeNumber(3, 1, 100_000),
  SWEEP_SECONDS: wholeNumber(300, 5, 3600),
  TIMEZONE: z.string().refine(isTimeZone, { error: 'expected an IANA time zone like Europe/Berlin' }).default('UTC'),
  DATE_ORDER: oneOf(['mdy', 'dmy'], 'mdy'),
  DATE_ORDER_STORES: perStore,
  PARTITIONS: wholeNumber(6, 1, 1000),
  ROWS_PER_SEND: wholeNumber(2000, 500, 2000),
  LANE_ROWS: wholeNumber(100_000, 1, 1_000_000_000),
  PUBLISH_SECONDS: wholeNumber(60, 1, 86_400),
  SETTLE_SECONDS: wholeNumber(30, 0, 3600),
  MIN_DATE: z.string().refine(isDate, { error: 'expected a date as yyyy-MM-dd' }).default('2000-01-01'),
  MAX_FUTURE_HOURS: wholeNumber(36, 0, 100_000),
  MIN_REJECT_ROWS: wholeNumber(100, 1, 1_000_000_000),
  MAX_REJECT_PERCENT: wholeNumber(5, 0, 100),
  MAX_UNPACKED_MB: wholeNumber(2048, 1, 1_000_000),
  SILENT_DAYS: wholeNumber(7, 1, 3650),
  COMBINED_DAYS: wholeNumber(92, 0, 100_000),
  DAILY_DAYS: wholeNumber(400, 0, 100_000),
  RUN_DELTA_DAYS: wholeNumber(92, 1, 100_000),
  CSV_BOM: oneOf(['auto', 'always', 'never'], 'auto'),
  CSV_FORMULA_ESCAPE: oneOf(['text', 'off'], 'text'),
  ONLINE_BOPIS_MOVES_STOCK: oneOf(['yes', 'no'], 'no'),
  FAIL_AT: z
    .string()
    .refine((text) => parseFailAt(text) !== undefined, {
      error: `expected a fail point (with @N for its N-th pass, :stop to sleep there) of ${failPoints.join(', ')}`,
    })
    .transform(parseFailAt)
    .optional(),
});

/**
 * All settings, frozen. Times carry their unit in the name, addresses are undefined where none was configured
 * (then `local/` finds or starts the service). Source: product.md, Commands and Rules of the data.
 */
export type Settings = Readonly<ReturnType<typeof toSettings>>;

function toSettings(env: z.output<typeof shape>) {
  return {
    dataset: env.DATASET,
    inputDir: env.INPUT_DIR === undefined ? undefined : resolve(env.INPUT_DIR),
    outputDir: resolve(env.OUTPUT_DIR),
    kafkaBrokers: env.KAFKA_BROKERS,
    postgresUrl: env.POSTGRES_URL,
    mongodbUrl: env.MONGODB_URL,
    redisUrl: env.REDIS_URL,
    servicesFrom: env.SERVICES,
    homeDir: resolve(env.TILLCAST_HOME),
    cacheDir: env.TILLCAST_CACHE === undefined ? undefined : resolve(env.TILLCAST_CACHE),
    host: env.HOST,
    port: env.PORT,
    webPassword: env.WEB_PASSWORD,
    schedule: env.SCHEDULE,
    /** A secret: whoever knows it can post there. */
    alertWebhook: env.ALERT_WEBHOOK,
    alertAbsencePeriods: env.ALERT_ABSENCE_PERIODS,
    sweepMs: env.SWEEP_SECONDS * 1000,
    timeZone: env.TIMEZONE,
    dateOrder: env.DATE_ORDER as DateOrder,
    dateOrderByStore: env.DATE_ORDER_STORES as ReadonlyMap<number, DateOrder>,
    partitions: env.PARTITIONS,
    rowsPerSend: env.ROWS_PER_SEND,
    laneRows: env.LANE_ROWS,
    publishMs: env.PUBLISH_SECONDS * 1000,
    settleMs: env.SETTLE_SECONDS * 1000,
    minDate: env.MIN_DATE,
    maxFutureHours: env.MAX_FUTURE_HOURS,
    minRejectRows: env.MIN_REJECT_ROWS,
    maxRejectPercent: env.MAX_REJECT_PERCENT,
    maxUnpackedBytes: env.MAX_UNPACKED_MB * 1024 * 1024,
    silentDays: env.SILENT_DAYS,
    combinedDays: env.COMBINED_DAYS,
    dailyDays: env.DAILY_DAYS,
    runDeltaDays: env.RUN_DELTA_DAYS,
    csvBom: env.CSV_BOM,
    csvFormulaEscape: env.CSV_FORMULA_ESCAPE,
    /** product.md, final_quantity: a bopis line of the online store leaves another store's stock. */
    onlineBopisMovesStock: env.ONLINE_BOPIS_MOVES_STOCK === 'yes',
    failAt: env.FAIL_AT,
    ...toPlanningSettings(env),
  } as const;
}

/**
 * Checks an environment as a whole.
 * @throws ConfigError (ETL_CONFIG) that lists every bad key at once; values of secrets are never in it.
 * @example parseSettings({ COMBINED_DAYS: '31' }).combinedDays // 31
 */
export function parseSettings(env: Environment): Settings {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const checked = shape.safeParse(filled);
  const problems = (checked.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const loopback = ['127.0.0.1', 'localhost', '::1'].includes(filled.HOST ?? '127.0.0.1');
  if (!loopback && filled.WEB_PASSWORD === undefined) {
    problems.push('HOST: a page that other machines can reach needs WEB_PASSWORD; set it, or keep HOST=127.0.0.1');
  }
  if (!checked.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(toSettings(checked.data));
}

/** Five fields that both node-cron and cron-parser read alike: numbers, names of three letters, `* , - /`. */
function isSchedule(text: string): boolean {
  if (!/^(?:(?:[\d*,/-]|\b[a-z]{3}\b)+(?: +|$)){5}$/i.test(text)) return false;
  try {
    CronExpressionParser.parse(text, { tz: 'UTC' });
    return true;
  } catch {
    return false;
  }
}

function isDate(text: string): boolean {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(text) && text >= '0001' ? new Date(`${text}T00:00:00Z`) : undefined;
  return instant !== undefined && Number.isFinite(+instant) && instant.toISOString().startsWith(text);
}

/** Settings of this process: `.env` of the working folder, overridden by the environment, overridden by `flags`. */
export function readSettings(flags: Environment = {}): Settings {
  const set = (env: Environment) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return parseSettings({ ...readDotEnv(), ...process.env, ...set(flags) });
}

/** Where downloads and builds are kept for all clones: TILLCAST_CACHE, else the user's cache folder. */
export function cacheFolder(settings: Settings): string {
  return settings.cacheDir ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tillcast');
}

/** The environment for child processes (services, workers), with `extra` on top. */
export function childEnvironment(extra: Environment = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

function readDotEnv(): Environment {
  try {
    return parseEnv(readFileSync('.env', 'utf8')) as Environment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError([`.env: cannot be read (${(error as Error).message})`]);
  }
}
