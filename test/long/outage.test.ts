import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import type { ServiceName } from '../../local/services/types.ts';
import { undisturbed } from '../e2e/dataKillFixture.ts';
import {
  allWell,
  deliver,
  ended,
  expectUndisturbed,
  rowsOf,
  surviveOutages,
  withResident,
} from '../e2e/outageFixture.ts';
import { ownServers } from '../support/ownServers.ts';
import { testServices } from '../support/services.ts';
import { sideBySide } from '../support/sideBySide.ts';
import { openProxy } from '../support/tcpProxy.ts';

type Files = ReadonlyMap<string, string>;

const awayMs = 120_000;
const silentMs = 90_000;
const shared = testServices();

/** kill -9, nothing for two minutes, started again: before a run, during one, and after one. */
async function killedForMinutes(name: ServiceName, during: RegExp, files: Files) {
  const own = await ownServers([name]);
  try {
    await withResident(own.urls, own.urls, async (resident) => {
      const outage = { away: () => own.kill(name), back: () => own.start(), ms: awayMs };
      expect(ended(await surviveOutages(resident, outage, during))).toEqual(allWell);
      await expectUndisturbed(resident, files);
    });
  } finally {
    await own.close();
  }
}

/** SIGSTOP: connections stay, and nothing is answered. */
async function silentForMinutes(name: ServiceName, during: RegExp, files: Files) {
  const own = await ownServers([name]);
  try {
    await withResident(own.urls, own.urls, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      deliver(resident, 1);
      let silence: Promise<void> | undefined;
      const fallSilent = async () => {
        own.pause(name);
        await sleep(silentMs);
        own.resume(name);
      };
      resident.onLine.call = (line) => {
        if (during.test(line)) silence ??= fallSilent();
      };
      const run = await resident.run();
      expect(run.status).toMatch(/^succeeded/);
      await silence;
      resident.onLine.call = undefined;
      expect((await resident.run()).status).toBe('succeeded');
      await expectUndisturbed(resident, files);
    });
  } finally {
    await own.close();
  }
}

/** Each chunk waits, and all connections are cut every few seconds. */
async function slowAndCut(address: 'postgresUrl' | 'mongodbUrl' | 'redisUrl', files: Files) {
  const proxy = await openProxy(shared[address]);
  try {
    const used = { ...shared, [address]: proxy.through(shared[address]) };
    await withResident(used, shared, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      deliver(resident, 1);
      proxy.delayMs = 8;
      const cutting = setInterval(() => proxy.cutNow(), 2_500);
      const cutFor = setTimeout(() => clearInterval(cutting), 30_000);
      try {
        expect(await resident.run()).toMatchObject({ rows_new: rowsOf(1) - rowsOf(0.5) });
      } finally {
        clearInterval(cutting);
        clearTimeout(cutFor);
        proxy.delayMs = 0;
      }
      expect((await resident.run()).status).toBe('succeeded');
      await expectUndisturbed(resident, files);
    });
  } finally {
    await proxy.close();
  }
}

const names = { postgres: 'PostgreSQL', kafka: 'Kafka', mongodb: 'MongoDB', redis: 'Redis' } as const;
const during = { postgres: /^produce:/, kafka: /^produce:/, mongodb: /^read:/, redis: /^produce:/ } as const;
const each = (title: (name: string) => string, attack: (name: ServiceName, files: Files) => Promise<void>) =>
  Object.fromEntries(
    Object.entries(names).map(([name, shown]) => [title(shown), (files: Files) => attack(name as ServiceName, files)]),
  );

describe('a service that is slow, silent, or away for minutes', () => {
  sideBySide(undisturbed, {
    ...each(
      (name) => `${name} killed for two minutes before, during and after a run: each run ends well by itself`,
      (name, files) => killedForMinutes(name, during[name], files),
    ),
    ...each(
      (name) => `${name} silent for 90 s in mid-run: bounded waits, the run ends by itself and the next is complete`,
      (name, files) => silentForMinutes(name, during[name], files),
    ),
    'PostgreSQL slow and cut every few seconds: the run ends right by retries': (files) =>
      slowAndCut('postgresUrl', files),
    'MongoDB slow and cut every few seconds: the run ends, MongoDB catches up': (files) =>
      slowAndCut('mongodbUrl', files),
    'Redis slow and cut every few seconds: the run ends right': (files) => slowAndCut('redisUrl', files),
  });
});
