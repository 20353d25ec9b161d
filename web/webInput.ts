import type { Pipeline } from '../jobs/pipeline.ts';
import type { Queues } from '../lib/queue/queues.ts';
import type { ServiceInfo } from '../local/services/types.ts';

/** What the pages show and act on. `nextSlot` is null where no clock runs. */
export type WebInput = Readonly<{
  pipeline: Pipeline;
  queues: Queues;
  services: readonly ServiceInfo[];
  nextSlot: () => Date | null;
}>;
