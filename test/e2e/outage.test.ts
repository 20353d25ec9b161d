import { describe, expect } from '@jest/globals';
import { ownServers } from '../support/ownServers.ts';
import { type TestServices, testServices } from '../support/services.ts';
import { sideBySide } from '../support/sideBySide.ts';
import { openProxy } from '../support/tcpProxy.ts';
import { undisturbed } from './dataKillFixture.ts';
import { allWell, ended, expectUndisturbed, type Outage, surviveOutages, withResident } from './outageFixture.ts';

type Files = ReadonlyMap<string, string>;

const awayMs = 4_000;
const shared = testServices();

async function survives(used: TestServices, direct: TestServices, outage: Outage, during: RegExp, files: Files) {
  await withResident(used, direct, async (resident) => {
    expect(ended(await surviveOutages(resident, outage, during))).toEqual(allWell);
    await expectUndisturbed(resident, files);
  });
}

async function behindProxy(address: 'postgresUrl' | 'mongodbUrl' | 'redisUrl', during: RegExp, files: Files) {
  const proxy = await openProxy(shared[address]);
  try {
    const outage = { away: () => proxy.cutOff(), back: () => proxy.restore(), ms: awayMs };
    await survives({ ...shared, [address]: proxy.through(shared[address]) }, shared, outage, during, files);
  } finally {
    await proxy.close();
  }
}

/** Kafka tells its clients its own address, past any proxy, so a broker of our own is killed. */
async function killedKafka(files: Files) {
  const own = await ownServers(['kafka']);
  try {
    const outage = { away: () => own.kill('kafka'), back: () => own.start(), ms: 500 };
    await survives(own.urls, own.urls, outage, /^produce:/, files);
  } finally {
    await own.close();
  }
}

describe('a service that is away for seconds before, during and after a run', () => {
  sideBySide(undisturbed, {
    'PostgreSQL: each run ends well by itself, and the figures are those of undisturbed hours': (files) =>
      behindProxy('postgresUrl', /^produce:/, files),
    'MongoDB: each run ends well, at most with a warning, and a later run catches up': (files) =>
      behindProxy('mongodbUrl', /^read:/, files),
    'Redis: each run ends well by itself, and the figures are those of undisturbed hours': (files) =>
      behindProxy('redisUrl', /^produce:/, files),
    'Kafka, killed and started again: each run ends well by itself, and the figures are those of undisturbed hours':
      killedKafka,
  });
});
