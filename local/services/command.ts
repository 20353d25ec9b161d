import { parseArgs } from 'node:util';
import { readSettings, type Settings } from '../../config/settings.ts';
import { messageOf } from '../../lib/core/errors.ts';
import { bringUp, withHome } from './bringUp.ts';
import { runningInDocker, stopDocker } from './docker.ts';
import { configuredUrl } from './found.ts';
import { stopNative } from './native.ts';
import { probe, withoutPassword } from './probe.ts';
import { keepServers, livingProcess, readState } from './state.ts';
import { type Context, serviceNames, titles } from './types.ts';

const help = `npm run services -- up|down|status

  up      starts Kafka, PostgreSQL, MongoDB and Redis where they do not run yet, and leaves them running
  down    ends those that run for this folder; data stay
  status  shows each service, its address and whether it answers

Addresses come from KAFKA_BROKERS, POSTGRES_URL, MONGODB_URL, REDIS_URL where set; SERVICES=auto|docker|native chooses.`;

const say = (line: string) => {
  console.log(line);
};

// `… | head` closes our output early; what was begun is still brought to its end.
process.stdout.on('error', () => {});

const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopped.abort(new Error(`stopped by ${name}`)));
}

try {
  process.exitCode = await command(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function command(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { help: { type: 'boolean' } }, allowPositionals: true });
  const [verb = ''] = positionals;
  if (values.help || positionals.length !== 1 || !['up', 'down', 'status'].includes(verb)) {
    say(help);
    return values.help ? 0 : 2;
  }
  const context: Context = { settings: readSettings(), say, signal: stopped.signal };
  if (verb === 'up') {
    const services = await bringUp(context.settings, say, context.signal);
    keepServers(context.settings.homeDir, true);
    await services.stop();
    return status(context.settings);
  }
  return verb === 'down' ? down(context) : status(context.settings);
}

async function down(context: Context): Promise<number> {
  const { homeDir } = context.settings;
  return withHome(context, async () => {
    keepServers(homeDir, false);
    const state = readState(homeDir);
    if (state.from === 'docker') {
      const names = await runningInDocker(context);
      await stopDocker(homeDir, names);
      for (const name of names) say(`${titles[name]}: stopped`);
    }
    await Promise.all(
      serviceNames.map(async (name) => {
        const id = livingProcess(state.services[name]);
        if (id === undefined) return;
        await stopNative(homeDir, name, id);
        say(`${titles[name]}: stopped`);
      }),
    );
    return 0;
  });
}

/** Prints the table; 0 only if all four answer. */
async function status(settings: Settings): Promise<number> {
  const { services } = readState(settings.homeDir);
  const rows = await Promise.all(
    serviceNames.map(async (name) => {
      const configured = configuredUrl(settings, name);
      const entry = services[name];
      const url = configured ?? entry?.url;
      const origin = configured !== undefined ? 'configured' : (entry?.origin ?? '-');
      const alive = configured !== undefined || entry?.origin === 'docker' || livingProcess(entry) !== undefined;
      const answer = url !== undefined && alive ? await probe(name, url) : undefined;
      const known = configured === undefined ? entry?.server : undefined;
      const server = known || (answer?.ok ? answer.server : '-');
      return [titles[name], withoutPassword(url ?? '-'), origin, server, answer?.ok ? 'answers' : 'does not answer'];
    }),
  );
  const table = [['service', 'address', 'origin', 'server', 'state'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  return rows.every((row) => row.at(-1) === 'answers') ? 0 : 3;
}
