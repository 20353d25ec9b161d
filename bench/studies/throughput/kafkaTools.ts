import { delimiter, join } from 'node:path';
import { TillcastError } from '../../../lib/core/errors.ts';
import { cached, fingerprint } from '../../../local/services/cache.ts';
import { kafka as nativeKafka } from '../../../local/services/kafka/kafka.ts';
import { copyJars } from '../../../local/services/maven.ts';
import { needProgram } from '../../../local/services/tools.ts';
import type { StudyContext } from '../../study.ts';
import { measure } from './measure.ts';

const toolsDir = join(import.meta.dirname, '..', '..', 'baselines', 'kafka');

/**
 * ProducerPerformance and ConsumerPerformance, of the version of the broker and on its jars: rows per second.
 * @throws TillcastError (ETL_SERVICES) where the jars cannot be had
 */
export async function perfTools(
  context: StudyContext,
  topic: string,
  rows: number,
  messageBytes: number,
): Promise<{ perfProduce: number; perfConsume: number }> {
  const { settings, signal, say } = context;
  const start = { settings: settings(), signal, say };
  const place = await nativeKafka.place(start);
  const jars = await nativeKafka.install(start, place);
  const key = `kafka-tools-${fingerprint([join(toolsDir, 'pom.xml')])}`;
  const tools = await cached(place.cache, key, start, (folder) =>
    copyJars(toolsDir, folder, { cache: place.cache, signal }),
  );
  const classPath = [join(tools, '*'), join(jars, '*')].join(delimiter);
  const tool = async (name: string, args: readonly string[]) => {
    const java = ['-Xmx256m', '-Dorg.apache.logging.log4j.level=ERROR', '-cp', classPath];
    const options = { cwd: context.workDir, env: context.environment(), signal };
    return (await measure(needProgram('java'), [...java, `org.apache.kafka.tools.${name}`, ...args], options)).stdout;
  };
  const broker = context.services.kafkaBrokers;
  const batching = ['acks=all', 'batch.size=131072', 'linger.ms=5'];
  const size = ['--num-records', `${rows}`, '--record-size', `${messageBytes}`, '--throughput', '-1'];
  const produce = ['--topic', topic, ...size, '--producer-props', `bootstrap.servers=${broker}`, ...batching];
  const produced = await tool('ProducerPerformance', produce);
  const consume = ['--bootstrap-server', broker, '--topic', topic, '--messages', `${rows}`, '--timeout', '30000'];
  const consumed = await tool('ConsumerPerformance', consume);
  return {
    perfProduce: numberIn(/records sent, ([\d.]+) records\/sec(?![\s\S]*records sent)/.exec(produced)?.[1]),
    // The last column is fetch.nMsg.sec: without the time it took to join the group.
    perfConsume: numberIn(/, ([\d.]+)\s*$/.exec(consumed)?.[1]),
  };
}

function numberIn(text: string | undefined): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new TillcastError('ETL_RUN_FAILED', "one of Kafka's own tools printed another line than expected");
}
