import { ensureTopic } from '../lib/kafka/topics.ts';
import { storedOffsets } from '../lib/postgres/offsets.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The dataset's topic, made if it is missing. One of which events were applied must be there: made anew, it would hide
 * that the old one is lost. @throws TillcastError ETL_KAFKA_GAP
 */
export async function readyTopic({ db, kafka, settings, ...pipeline }: Pipeline): Promise<string> {
  const topic = await pipeline.topic();
  const mustExist = (await storedOffsets(db, topic)).some(({ nextOffset }) => nextOffset > 0n);
  await ensureTopic(kafka, topic, settings.partitions, mustExist);
  return topic;
}
