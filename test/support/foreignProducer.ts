import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readSettings } from '../../config/settings.ts';
import { kafka } from '../../local/services/kafka/kafka.ts';

/** Sends text lines with Kafka's own Java client, compressed with `codec`, as a foreign producer would. */
export async function sendCompressed(
  brokers: string,
  topic: string,
  codec: 'gzip' | 'snappy' | 'lz4' | 'zstd',
  lines: readonly string[],
): Promise<void> {
  const context = { settings: readSettings(), say: () => undefined, signal: new AbortController().signal };
  const jars = await kafka.install(context, await kafka.place(context));
  const source = join(import.meta.dirname, 'ForeignProducer.java');
  const child = spawn('java', ['-cp', join(jars, '*'), source, brokers, topic, codec], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Kafka's own producer failed (it needs a JDK 17): ${complaint.slice(-2_000)}`);
}
