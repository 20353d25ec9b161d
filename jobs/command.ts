import { inspect, type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '../config/configError.ts';
import { TillcastError } from '../lib/core/errors.ts';
import './steadyHeap.ts';

/** A command: its flags, its page of help, and what it does. `run` returns the exit code. */
export type Command<Flags extends NonNullable<ParseArgsConfig['options']>> = Readonly<{
  help: string;
  flags: Flags;
  run(values: ReturnType<typeof parseArgs<{ options: Flags }>>['values'], signal: AbortSignal): Promise<number>;
}>;

const usageError = 2;

/**
 * Runs a command as a process: `--help`, one sentence for a person's mistake (exit 2), one message with the next step
 * for an error of ours (exit 1), and a stack only for what is a fault in tillcast itself. Ctrl-C aborts `signal`.
 */
export async function runCommand<Flags extends NonNullable<ParseArgsConfig['options']>>(
  command: Command<Flags>,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () =>
      stop.abort(
        new TillcastError(
          'ETL_RUN_FAILED',
          `stopped by ${name}; what was counted is kept, the same command goes on from there`,
        ),
      ),
    );
  }
  process.exitCode = await settle(command, stop.signal);
  // A client that keeps a timer must not keep a finished command alive.
  setTimeout(() => process.exit(), 2_000).unref();
}

async function settle<Flags extends NonNullable<ParseArgsConfig['options']>>(
  command: Command<Flags>,
  signal: AbortSignal,
): Promise<number> {
  if (process.argv.slice(2).includes('--help')) {
    process.stdout.write(`${command.help.trim()}\n`);
    return 0;
  }
  let values: ReturnType<typeof parseArgs<{ options: Flags }>>['values'];
  try {
    values = parseArgs({ options: command.flags, strict: true, allowPositionals: false }).values as typeof values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${command.help.trim()}\n`);
    return usageError;
  }
  try {
    return await command.run(values, signal);
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return usageError;
    }
    if (error instanceof TillcastError) process.stderr.write(`${error.code}: ${error.message}\n`);
    else process.stderr.write(`A fault in tillcast, please report it: ${inspect(error)}\n`);
    return 1;
  }
}

/** A line for the person who watches, on stderr, so that stdout keeps results alone. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
