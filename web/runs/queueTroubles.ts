import { messageOf } from '../../lib/core/errors.ts';
import { type Queues, queueNames } from '../../lib/queue/queues.ts';
import { withPatience } from '../patience.ts';

const patienceMs = 1_500;
const silent = 'Redis, which holds the queues, does not answer: no run can start until it does; nothing is lost';

/** What keeps runs from starting though nothing failed: a queue that somebody paused, or Redis away. */
export async function queueTroubles(queues: Queues): Promise<string[]> {
  const asked = [queues.door, queues.produce, queues.consume].map((queue) => queue.isPaused());
  try {
    const paused = await withPatience(Promise.all(asked), patienceMs, silent);
    const names = Object.values(queueNames).filter((_, index) => paused[index]);
    return names.length === 0
      ? []
      : [`paused: ${names.join(', ')}; runs wait until the queue UI resumes ${names.length === 1 ? 'it' : 'them'}`];
  } catch (error) {
    return [messageOf(error)];
  }
}
