import type { Settings } from '../../config/settings.ts';

export const serviceNames = ['kafka', 'postgres', 'mongodb', 'redis'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One service as it is used by this process. `server` names what answers, e.g. `FerretDB 1.18.0 (SQLite)`. */
export type ServiceInfo = Readonly<{
  name: ServiceName;
  url: string;
  /** configured: by a setting; docker, native: started by this call; running: found, left by an earlier one. */
  origin: 'configured' | 'docker' | 'native' | 'running';
  server: string;
}>;

/** Addresses of all four services. `stop` ends only what the call that returned it has started; safe to call twice. */
export type RunningServices = Readonly<{
  services: readonly ServiceInfo[];
  kafkaBrokers: string;
  postgresUrl: string;
  mongodbUrl: string;
  redisUrl: string;
  stop(): Promise<void>;
}>;

/** What every step of a start needs. `say` takes one line of progress. */
export type Context = Readonly<{
  settings: Settings;
  say: (line: string) => void;
  signal: AbortSignal;
}>;

/** Names as people write them. */
export const titles: Readonly<Record<ServiceName, string>> = {
  kafka: 'Kafka',
  postgres: 'PostgreSQL',
  mongodb: 'MongoDB protocol',
  redis: 'Redis',
};

/** The setting that holds a service's address. */
export const addressKeys: Readonly<Record<ServiceName, string>> = {
  kafka: 'KAFKA_BROKERS',
  postgres: 'POSTGRES_URL',
  mongodb: 'MONGODB_URL',
  redis: 'REDIS_URL',
};
