import { readFileSync } from 'node:fs';

/** Addresses of the servers that the tests run against; `npm test` starts them and says where they are. */
export type TestServices = Readonly<{
  kafkaBrokers: string;
  postgresUrl: string;
  mongodbUrl: string;
  redisUrl: string;
}>;

/** The servers of this test run. @throws an error with the command that starts them */
export function testServices(): TestServices {
  const file = process.env.TILLCAST_TEST_SERVICES;
  if (file === undefined) {
    throw new Error('no servers: run `npm test`, or `npm test -- --only PATTERN` for some tests, which starts them');
  }
  return JSON.parse(readFileSync(file, 'utf8')) as TestServices;
}
