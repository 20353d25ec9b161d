import type { Started } from './processes.ts';
import type { Tool } from './tools.ts';
import type { Context, ServiceName } from './types.ts';

/** Where one service keeps things: programs in `cache` (shared by clones), data in `folder`, output in `log`. */
export type Place = Readonly<{ cache: string; folder: string; log: string }>;

/** How one service is obtained and run without Docker. */
export type NativeService = Readonly<{
  name: ServiceName;
  /** As shown: `Kafka 4.1.0`. */
  title: string;
  /** How many ports it listens on; the first is the one of its address. */
  portCount: number;
  politeSignal: NodeJS.Signals;
  /** Where it is, or would be, kept; `remembered` is the data folder of an earlier start. */
  place(context: Context, remembered?: string): Promise<Place>;
  /** The tools that install and start need here, given what the cache holds already. */
  needs(place: Place): readonly Tool[];
  /** Makes the programs be there and returns their folder (or file). */
  install(context: Context, place: Place): Promise<string>;
  /** Makes the data folder be there, spawns the server and returns its address; it need not answer yet. */
  start(
    context: Context,
    place: Place,
    programs: string,
    ports: readonly number[],
  ): Promise<Readonly<{ started: Started; url: string; server: string }>>;
}>;
