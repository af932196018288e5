/**
 * A look at one server beside the periodic probes, where waiting for the next of those would cost clients most of the
 * time for which they wait. What it finds is evidence like any other.
 */
import { findReplica } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Context } from './context.ts';

/** After this the periodic probes are relied on again. */
export const LOOK_TIMEOUT_MS = 100;

export function lookNow(context: Context, group: BrokerGroup, id: ReplicaId): void {
  const replica = must(findReplica(group, id), 'who is looked at is a replica of its group');
  context.emit({
    kind: 'probe',
    broker: group.kind,
    probeId: context.takeId(),
    target: { group: group.key, replica: id, address: replica.endpoints.client },
    timeoutMs: LOOK_TIMEOUT_MS,
  });
}
