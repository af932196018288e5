/** Pure look-ups in the replicated state that several rooms need. Every one answers null where there is nothing. */
import { unreachable } from '../primitives/assert.ts';
import {
  type ClusterName,
  type ConsumerGroupName,
  type Epoch,
  epoch,
  type GroupKey,
  type ReplicaId,
  type TopicName,
} from '../primitives/identifiers.ts';
import type { CommandType } from './command.ts';
import type {
  AutomaticStop,
  BrokerGroup,
  ConsumerGroup,
  MetadataState,
  Replica,
  SyncSet,
  Topic,
} from './state.ts';

export const topicKey = (cluster: ClusterName, name: TopicName): string => `${cluster}/${name}`;

export const consumerGroupKey = (cluster: ClusterName, name: ConsumerGroupName): string =>
  `${cluster}/${name}`;

export const findGroup = (state: MetadataState, key: GroupKey): BrokerGroup | null =>
  state.groups.get(key) ?? null;

export const findTopic = (state: MetadataState, cluster: ClusterName, name: TopicName): Topic | null =>
  state.topics.get(topicKey(cluster, name)) ?? null;

export const findConsumerGroup = (
  state: MetadataState,
  cluster: ClusterName,
  name: ConsumerGroupName,
): ConsumerGroup | null => state.consumerGroups.get(consumerGroupKey(cluster, name)) ?? null;

export const findReplica = (group: BrokerGroup, id: ReplicaId): Replica | null =>
  group.replicas.find((replica) => replica.id === id) ?? null;

/** Master of the reign that is active, or was last; null before the first. Whether it reigns now, `phase` says. */
export const masterOf = (group: BrokerGroup): Replica | null =>
  group.master === null ? null : findReplica(group, group.master);

/** The rule that producers use: the newest in force. Null before the first promotion. */
export const activeSyncSet = (group: BrokerGroup): SyncSet | null => group.syncSets.at(-1) ?? null;

/**
 * Whether a slave streams from its master and has all that the reign began with. A new set of members begins with none
 * of them caught up, and the set before it stays until they are: who was caught up in that one, and has been a member
 * ever since, can be read from all the while.
 */
export function isCaughtUp(group: BrokerGroup, { id, incarnation }: Replica): boolean {
  const epochOfNewest = activeSyncSet(group)?.epoch;
  for (const set of group.syncSets.toReversed()) {
    const member = set.members.find((one) => one.replica === id && one.incarnation === incarnation);
    if (member === undefined || set.epoch !== epochOfNewest) return false;
    if (member.caughtUp) return true;
  }
  return false;
}

/** Highest epoch ever given out in the group: that of its active reign, or of the phase under way. */
export const highestEpoch = (group: BrokerGroup): Epoch =>
  group.phase.kind === 'active' ? group.epoch : epoch(Math.max(group.epoch, group.phase.epoch));

/**
 * The stop that keeps automatic action from this group, the widest first; null where it may go on.
 *
 * A stop of an IDC applies to the groups whose master stands in that IDC, because it is their masters that the
 * maintenance there will disturb; were one replica enough, stopping one IDC would stop nearly every group of the
 * tier. A group that never had a master is stopped where any of its replicas stands in that IDC.
 */
export function isAutomaticStopped(state: MetadataState, group: BrokerGroup): AutomaticStop | null {
  const master = masterOf(group);
  const standsIn = master === null ? group.replicas : [master];
  const applies = (stop: AutomaticStop): boolean => {
    const { scope } = stop;
    switch (scope.kind) {
      case 'all':
        return true;
      case 'idc':
        return standsIn.some((replica) => replica.site === scope.site);
      case 'group':
        return scope.group === group.key;
      default:
        return unreachable(scope);
    }
  };
  for (const kind of ['all', 'idc', 'group'] as const) {
    const stop = state.stops.find((candidate) => candidate.scope.kind === kind && applies(candidate));
    if (stop !== undefined) return stop;
  }
  return null;
}

/**
 * Could a command of this type change what any client is told about where to write and read? True also where the
 * group is merely listed, since lists of brokers are served beside routes.
 */
export function routesDependOn(type: CommandType): boolean {
  switch (type) {
    case 'group.add':
    case 'group.observe':
    case 'group.take':
    case 'group.remove':
    case 'group.set':
    case 'group.fence':
    case 'group.promote':
    case 'group.activate':
    case 'group.changeSyncSet':
    case 'group.markCaughtUp':
    case 'topic.add':
    case 'topic.remove':
      return true;
    case 'tier.bootstrap':
    case 'token.add':
    case 'member.join':
    case 'group.acknowledge':
    case 'group.settleRules':
    case 'group.noteLineage':
    case 'group.raiseFloor':
    case 'history.addStep':
    case 'history.keepTail':
    case 'history.note':
    case 'consumerGroup.add':
    case 'automatic.stop':
    case 'automatic.resume':
    case 'drill.begin':
    case 'drill.note':
    case 'drill.abort':
    case 'return.setRule':
    case 'automatic.expire':
    case 'keyValue.set':
    case 'keyValue.remove':
      return false;
    // Routes of RocketMQ are given at its own door and have a revision of their own (`brokersRevision`).
    case 'registration.set':
    case 'registration.putTopics':
    case 'registration.remove':
    case 'naming.deleteTopic':
    case 'naming.putTopic':
    case 'naming.setWritePermission':
    case 'naming.setTopicNear':
    case 'naming.putKeyValue':
    case 'naming.deleteKeyValue':
    case 'brokerSet.applyId':
    case 'brokerSet.registerBroker':
    case 'brokerSet.alterSyncStateSet':
    case 'brokerSet.elect':
    case 'brokerSet.loseMaster':
    case 'brokerSet.raiseEpoch':
    case 'brokerSet.clean':
    case 'brokerSet.setPolicy':
    case 'brokerSet.addStep':
      return false;
    default:
      return unreachable(type);
  }
}
