/** This node's own view of a group, in the form that the rules of liveness ask for. */
import type { VantageInput } from '../liveness/suspicion.ts';
import { findReplica } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { Incarnation, NodeName, ReplicaId, SiteName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';

/** A node that has not said anything for this long does not count as heard; nodes speak to each other twice a second. */
const PEER_SILENT_MS = 1_500;

export function vantageOf(
  context: Context,
  group: BrokerGroup,
  suspected: { readonly replica: ReplicaId; readonly incarnation: Incarnation },
  now: Instant,
): VantageInput {
  const master = findReplica(group, suspected.replica);
  return {
    master: context.book.of({ group: group.key, replica: suspected.replica }),
    incarnation: suspected.incarnation,
    masterAddress: master?.endpoints.replication ?? '',
    followers: group.replicas
      .filter((replica) => replica.id !== suspected.replica)
      .map((replica) => ({
        replica: replica.id,
        evidence: context.book.of({ group: group.key, replica: replica.id }),
      })),
    detectionMs: group.detectionMs,
    probeIntervalMs: context.options.probeIntervalMs,
    now,
    watchingSinceMs: context.watchingSinceMs.get(group.key) ?? now.monotonicMs,
    stalledUntilMs: context.stalledUntilMs,
  };
}

export const isHeard = (context: Context, node: NodeName, now: Instant): boolean =>
  now.monotonicMs - (context.peerHeardMs.get(node) ?? Number.NEGATIVE_INFINITY) < PEER_SILENT_MS;

/** Whether this node hears a node of that site; null when it cannot say, as no node but itself stands there. */
export function siteHeard(context: Context, site: SiteName, now: Instant): boolean | null {
  const others = context.options.voters.filter(
    (voter) => voter.site === site && voter.node !== context.options.self,
  );
  if (others.length === 0) return null;
  return others.some(({ node }) => isHeard(context, node, now));
}
