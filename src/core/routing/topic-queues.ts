/** The queues of a topic that consumers share out, each with the IDC that its group stands in. */
import type { MetadataState, Topic } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { AllocatableQueue } from './allocate.ts';
import { standsIn } from './group-standing.ts';

/** One entry for each read queue; a topic that can't be read has none. Bounded by LIMITS.queuesPerTopic a group. */
export function queuesToAllocate(state: MetadataState, topic: Topic): readonly AllocatableQueue[] {
  if (topic.permission === 'write') return [];
  return topic.queues.flatMap(({ group: key, readQueues }) => {
    const group = must(state.groups.get(key), 'a group that carries topics cannot be removed');
    const idc = standsIn(group);
    return Array.from({ length: readQueues }, (_, queue) => ({ group: group.name, queue, idc }));
  });
}
