import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';
import { eventId, rowFingerprint } from '../../lib/core/eventIdentity.ts';
import type { EventRow } from '../../lib/core/types.ts';
import { lagGroup } from '../../lib/kafka/client.ts';
import { encodeEvent } from '../../lib/kafka/eventMessage.ts';
import { ensureTopic, withAdmin } from '../../lib/kafka/topics.ts';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import type { TestDataset } from '../support/dataset.ts';
import { dropTopic } from '../support/topics.ts';

/** The command that every error about a lost or unreadable topic names. */
export const mend = 'npm run replay -- --new-topic';

/** A line of an export and the same sale as a message: one unit of item 101 in store 1. */
export const saleLine = (trans: number | string) => `{${trans}},101,1,11/3/2025 10:00,-1,1`;
export function saleMessage(trans: number | string, other: Partial<EventRow> = {}): string {
  const row: EventRow = {
    kind: 'change',
    storeId: 1,
    itemId: 101,
    dateTime: '2025-11-03 10:00:00',
    quantity: -1,
    changeTypeId: 1,
    transId: String(trans),
    employeeId: '',
    leadingZeros: false,
    ...other,
  };
  const event = { ...row, eventId: eventId(row, rowFingerprint(row), 1) };
  return encodeEvent(event, { file: 'foreign', line: 1 }, new Date().toISOString());
}

/** Sends values to partition 0 in one batch, as another program would. */
export async function sendRaw({ pipeline }: TestDataset, values: readonly (string | Buffer | null)[]): Promise<void> {
  const producer = pipeline.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic: await pipeline.topic(), messages: values.map((value) => ({ value, partition: 0 })) });
  } finally {
    await producer.disconnect();
  }
}

export const deleteTopic = async ({ pipeline, name }: TestDataset) =>
  dropTopic(pipeline.kafka, await pipeline.topic(), lagGroup(name));

/** Deletes the topic and makes another under its name; the broker takes a moment to forget the old one. */
export async function makeAnew(dataset: TestDataset): Promise<void> {
  const { kafka, settings } = dataset.pipeline;
  const topic = await dataset.pipeline.topic();
  await deleteTopic(dataset);
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await ensureTopic(kafka, topic, settings.partitions).catch(() => 0)) > 0) return;
    await sleep(50);
  }
  throw new Error(`${topic} could not be made anew`);
}

export async function topicIsThere({ pipeline }: TestDataset): Promise<boolean> {
  const topic = await pipeline.topic();
  return withAdmin(pipeline.kafka, async (admin) => (await admin.listTopics()).includes(topic));
}

/** Sets the topic's overrides to these alone. */
export async function overrideTopic({ pipeline }: TestDataset, config: Readonly<Record<string, string>>) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const resource = { type: ConfigResourceTypes.TOPIC, name: await pipeline.topic(), configEntries };
  await withAdmin(pipeline.kafka, (admin) => admin.alterConfigs({ validateOnly: false, resources: [resource] }));
}

/** The topic's overrides of what tillcast or a test set. */
export async function topicOverrides({ pipeline }: TestDataset): Promise<Record<string, string>> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: await pipeline.topic() };
  const { resources } = await withAdmin(pipeline.kafka, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
  );
  const set = resources[0]?.configEntries.filter(({ isDefault }) => !isDefault) ?? [];
  return Object.fromEntries(set.map(({ configName, configValue }) => [configName, configValue]));
}

/** An hour that must stop: gives the reason that ledger, run_info.csv and the person get. */
export async function stoppedHour(dataset: TestDataset): Promise<string> {
  expect(await dataset.hour()).toMatchObject({ status: 'failed' });
  const [run] = await newestRuns(dataset.pipeline.db, 1);
  const [info] = dataset.rows('run_info.csv');
  expect(info?.reason).toContain(run?.reason?.slice(0, 100));
  return run?.reason ?? '';
}

/** All sales that count, as PostgreSQL has them. */
export async function soldUnits({ pipeline }: TestDataset): Promise<number> {
  const { rows } = await pipeline.db.pool.query<{ units: string }>(
    'SELECT coalesce(-sum(quantity), 0) AS units FROM inventory_event',
  );
  return Number(rows[0]?.units);
}
