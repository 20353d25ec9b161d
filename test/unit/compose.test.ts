import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseSettings } from '../../config/settings.ts';
import { dockerUrl, projectName } from '../../local/services/docker.ts';
import { serviceNames } from '../../local/services/types.ts';

type Service = {
  image: string;
  command?: string[];
  ports: string[];
  volumes: string[];
  mem_limit: string;
  profiles?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[]; interval: string; retries: number };
};

const root = join(import.meta.dirname, '..', '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const compose = parse(text('docker-compose.yml')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const service = (name: string): Service => compose.services[name] as Service;

describe('docker-compose.yml', () => {
  test('follows the schema of the compose specification', () => {
    // Its formats ("ports", "duration") are the tool's own.
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const valid = ajv.compile(JSON.parse(text('test/support/schema/compose-spec.json')) as object);
    valid(compose);
    expect(valid.errors ?? []).toEqual([]);
    expect(valid({ services: { kafka: { imaje: 'apache/kafka' } } })).toBe(false);
  });

  test('holds the four services under the names the code uses, and the app only in its profile', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...serviceNames, 'app'].sort());
    expect(service('app').profiles).toEqual(['app']);
    for (const name of serviceNames) expect(service(name).profiles).toBeUndefined();
  });

  test.each([...serviceNames, 'app'])('%s is reached on loopback only, at a port that can be set', (name) => {
    expect(service(name).ports).toHaveLength(1);
    for (const port of service(name).ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{([A-Z]+_)?PORT:-\d+\}:\d+$/);
  });

  test.each([...serviceNames, 'app'])('%s is pinned to a full version and limited in memory', (name) => {
    expect(service(name).image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$|^postgres:17\.\d+-[a-z]+$/);
    expect(service(name).mem_limit).toMatch(/^\d+[mg]$/);
  });

  test.each(serviceNames)('%s has a health check and keeps its data in a named volume', (name) => {
    expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
    const named = service(name).volumes.map((volume) => volume.split(':')[0] ?? '');
    expect(named.length).toBeGreaterThan(0);
    for (const volume of named) expect(Object.keys(compose.volumes)).toContain(volume);
  });

  test('redis evicts nothing and writes every job down', () => {
    expect(service('redis').command?.join(' ')).toBe('redis-server --appendonly yes --maxmemory-policy noeviction');
  });

  test('the app inside refuses to start without a password', () => {
    expect(service('app').environment?.HOST).toBe('0.0.0.0');
    expect(service('app').environment?.WEB_PASSWORD).toMatch(/^\$\{WEB_PASSWORD:-\}$/);
    expect(() => parseSettings({ HOST: '0.0.0.0', WEB_PASSWORD: '' })).toThrow(/WEB_PASSWORD/);
  });

  test('kafka sends host and containers to an address each can reach', () => {
    const advertised = service('kafka').environment?.KAFKA_ADVERTISED_LISTENERS;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: compose fills it in
    expect(advertised).toBe('HOST://127.0.0.1:${KAFKA_PORT:-9092},INNER://kafka:19092');
    expect(service('app').environment?.KAFKA_BROKERS).toBe('kafka:19092');
  });
});

describe('Dockerfile', () => {
  test('is pinned, runs as a user without rights, without development packages, and is checked', () => {
    expect(text('Dockerfile')).toMatch(/^FROM node:24\.\d+\.\d+-slim$/m);
    expect(text('Dockerfile')).toMatch(/^USER node$/m);
    expect(text('Dockerfile')).toContain('npm install --no-save --omit=dev');
    expect(text('Dockerfile')).toMatch(/^HEALTHCHECK /m);
    expect(text('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'node_modules', '.tillcast']));
  });
});

describe('docker addresses', () => {
  test('are on loopback, with the password where there is one', () => {
    expect(serviceNames.map((name) => dockerUrl(name, 1234, 'pw'))).toEqual([
      '127.0.0.1:1234',
      'postgres://tillcast:pw@127.0.0.1:1234/tillcast',
      'mongodb://127.0.0.1:1234',
      'redis://127.0.0.1:1234',
    ]);
  });

  test('two clones have two projects, one clone always the same', () => {
    expect(projectName('/a/.tillcast')).toBe(projectName('/a/.tillcast'));
    expect(projectName('/a/.tillcast')).not.toBe(projectName('/b/.tillcast'));
    expect(projectName('/a/.tillcast')).toMatch(/^tillcast-[0-9a-f]{8}$/);
  });
});
