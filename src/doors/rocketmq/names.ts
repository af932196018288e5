/**
 * Names and addresses out of requests, as the rest of the node takes them. RocketMQ's own servers take anything; a name
 * that no terminal, path or key could carry is refused here with a sentence.
 */
import {
  type ClusterName,
  clusterName,
  type GroupName,
  groupName,
  NAME_PATTERN,
} from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';

function name(field: string, value: string): Result<string> {
  if (value.length <= LIMITS.nameCharacters && NAME_PATTERN.test(value)) return accepted(value);
  return refused(
    'invalidRequest',
    `${field} ${JSON.stringify(value.slice(0, LIMITS.nameCharacters))} is no name: ` +
      `1 to ${LIMITS.nameCharacters} letters, digits and any of % | _ . : @ + = - are.`,
    { field },
  );
}

const ADDRESS = /^[^\s/@]+:\d{1,5}$/;

export function addressIn(field: string, value: string): Result<string> {
  const port = Number(value.slice(value.lastIndexOf(':') + 1));
  if (value.length <= LIMITS.opaqueCharacters && ADDRESS.test(value) && port >= 1 && port <= 65_535)
    return accepted(value);
  return refused(
    'invalidRequest',
    `${field} ${JSON.stringify(value.slice(0, LIMITS.nameCharacters))} is no address: host:port is one.`,
    { field },
  );
}

export type SetNames = { readonly cluster: ClusterName; readonly name: GroupName };

/** The names of a broker set, as most requests of brokers carry them. */
export function setNames(clusterText: string, brokerName: string): Result<SetNames> {
  const cluster = name('clusterName', clusterText);
  if (!cluster.ok) return cluster;
  const group = name('brokerName', brokerName);
  if (!group.ok) return group;
  return accepted({ cluster: clusterName(cluster.value), name: groupName(group.value) });
}

export function brokerNameIn(brokerName: string): Result<GroupName> {
  const group = name('brokerName', brokerName);
  return group.ok ? accepted(groupName(group.value)) : group;
}

/** Topics are what brokers say they are. */
export const topicIn = (topic: string): Result<string> =>
  topic !== '' && topic.length <= LIMITS.rocketmqTopicCharacters
    ? accepted(topic)
    : refused('invalidRequest', `topic is a text of 1 to ${LIMITS.rocketmqTopicCharacters} characters.`, {
        field: 'topic',
      });
