import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../config/settings.ts';
import { cached, fingerprint, makeFolder } from '../cache.ts';
import { copyJars } from '../maven.ts';
import type { NativeService, Place } from '../nativeService.ts';
import { startServer } from '../processes.ts';
import { run } from '../run.ts';
import { needProgram } from '../tools.ts';

const version = '4.1.0';
const here = import.meta.dirname;
const key = () => `kafka-${version}-${fingerprint([join(here, 'pom.xml')])}`;

/** Apache Kafka from its Maven jars: one node, KRaft, on loopback. */
export const kafka: NativeService = {
  name: 'kafka',
  title: `Kafka ${version}`,
  portCount: 2,
  politeSignal: 'SIGTERM',

  async place({ settings }): Promise<Place> {
    const { homeDir } = settings;
    return { cache: cacheFolder(settings), folder: join(homeDir, 'kafka'), log: join(homeDir, 'logs', 'kafka.log') };
  },

  needs: (place) => (existsSync(join(place.cache, key())) ? ['java'] : ['java', 'mvn']),

  install: (context, place) =>
    cached(place.cache, key(), context, async (folder) => {
      context.say(`Kafka ${version}: downloading 46 jars (once, cached) …`);
      await copyJars(here, folder, { cache: place.cache, signal: context.signal });
    }),

  async start({ signal }, place, jars, ports) {
    const java = needProgram('java');
    makeFolder(place.folder);
    if (!existsSync(join(place.folder, 'data'))) {
      // Formatted beside and renamed: a start that was cut off leaves nothing half-made.
      rmSync(join(place.folder, 'data.new'), { recursive: true, force: true });
      writeFileSync(join(place.folder, 'format.properties'), properties(ports, 'data.new'));
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', 'format.properties'];
      await run(java, ['-XX:TieredStopAtLevel=1', ...classPath(jars), ...format], {
        cwd: place.folder,
        signal,
        timeoutMs: 60_000,
      });
      renameSync(join(place.folder, 'data.new'), join(place.folder, 'data'));
    }
    writeFileSync(join(place.folder, 'server.properties'), properties(ports, 'data'));
    const started = await startServer(java, ['-Xmx512m', ...classPath(jars), 'kafka.Kafka', 'server.properties'], {
      cwd: place.folder,
      log: place.log,
    });
    return { started, url: `127.0.0.1:${ports[0]}`, server: `Apache Kafka ${version}` };
  },
};

function classPath(jars: string): string[] {
  return ['-Dorg.apache.logging.log4j.level=WARN', '-cp', join(jars, '*')];
}

/** 16 random bytes as Kafka writes them; never with a leading dash, which its tool would take for an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

/**
 * server.properties; `data` is relative to the working folder, for log.dirs splits at commas. After a crash the broker
 * must wait until its old session has ended, hence the shorter one (default 9 s).
 */
export function properties(ports: readonly number[], data: string): string {
  const [broker, controller] = ports;
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=5000
log.cleaner.dedupe.buffer.size=33554432
`;
}
