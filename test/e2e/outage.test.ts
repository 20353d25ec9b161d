import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownServers } from '../support/ownServers.ts';
import { type TestServices, testServices } from '../support/services.ts';
import { openProxy } from '../support/tcpProxy.ts';
import { undisturbed } from './dataKillFixture.ts';
import { allWell, ended, expectUndisturbed, type Outage, surviveOutages, withResident } from './outageFixture.ts';

type Service = 'postgres' | 'mongodb' | 'redis' | 'kafka';

const awayMs = 4_000;
const shared = testServices();
const addresses = { postgres: 'postgresUrl', mongodb: 'mongodbUrl', redis: 'redisUrl' } as const;
/** The outages do not meet, so they are waited for side by side. */
const outcomes = new Map<Service, Promise<void>>();
let files: ReadonlyMap<string, string>;

async function survives(used: TestServices, direct: TestServices, outage: Outage, during: RegExp): Promise<void> {
  await withResident(used, direct, async (resident) => {
    expect(ended(await surviveOutages(resident, outage, during))).toEqual(allWell);
    await expectUndisturbed(resident, files);
  });
}

async function behindProxy(service: keyof typeof addresses, during: RegExp): Promise<void> {
  const proxy = await openProxy(shared[addresses[service]]);
  try {
    const used = { ...shared, [addresses[service]]: proxy.through(shared[addresses[service]]) };
    const outage = { away: () => proxy.cutOff(), back: () => proxy.restore(), ms: awayMs };
    await survives(used, shared, outage, during);
  } finally {
    await proxy.close();
  }
}

/** Kafka tells its clients its own address, past any proxy, so a broker of our own is killed. */
async function killedKafka(): Promise<void> {
  const own = await ownServers(['kafka']);
  try {
    const outage = { away: () => own.kill('kafka'), back: () => own.start(), ms: 500 };
    await survives(own.urls, own.urls, outage, /^produce:/);
  } finally {
    await own.close();
  }
}

beforeAll(async () => {
  files = await undisturbed();
  outcomes.set('kafka', killedKafka());
  outcomes.set('postgres', behindProxy('postgres', /^produce:/));
  outcomes.set('mongodb', behindProxy('mongodb', /^read:/));
  outcomes.set('redis', behindProxy('redis', /^produce:/));
  // Each is told by its own test.
  for (const outcome of outcomes.values()) outcome.catch(() => undefined);
});
afterAll(() => Promise.allSettled(outcomes.values()));

describe('a service that is away for seconds before, during and after a run', () => {
  test('PostgreSQL: each run ends well by itself, and the figures are those of undisturbed hours', () =>
    outcomes.get('postgres'));

  test('MongoDB: each run ends well, at most with a warning, and a later run catches up', () =>
    outcomes.get('mongodb'));

  test('Redis: each run ends well by itself, and the figures are those of undisturbed hours', () =>
    outcomes.get('redis'));

  test('Kafka, killed and started again: each run ends well by itself, and the figures are those of undisturbed hours', () =>
    outcomes.get('kafka'));
});
