/** Look-ups that several handlers share, with refusals that say what exists. */
import { findGroup, findTopic } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, MetadataState, Topic } from '../../../core/metadata/state.ts';
import {
  clusterName,
  type GroupKey,
  groupKey,
  groupName,
  topicName,
} from '../../../core/primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../../core/primitives/refusal.ts';

/** Names from an HTTP request have passed the contract's schema, which makes this the place to brand them. */
export const keyOf = (query: { readonly cluster: string }, group: string): GroupKey =>
  groupKey(clusterName(query.cluster), groupName(group));

export function requireGroup(state: MetadataState, key: GroupKey): Result<BrokerGroup> {
  const group = findGroup(state, key);
  return group === null
    ? refused('unknownGroup', `No broker group ${key} is declared; \`pollux group list\` shows all.`, {
        field: 'group',
      })
    : accepted(group);
}

export function requireTopic(state: MetadataState, cluster: string, name: string): Result<Topic> {
  const topic = findTopic(state, clusterName(cluster), topicName(name));
  return topic === null
    ? refused('unknownTopic', `Cluster ${cluster} has no topic ${name}; \`pollux topic list\` shows all.`, {
        field: 'topic',
      })
    : accepted(topic);
}

/** Refuses a name that is no IDC; `field` is the path of the input that carries it. */
export function requireIdc(state: MetadataState, idc: string, field: string): Result<null> {
  const idcs = [...state.sites.values()]
    .filter((site) => site.kind === 'idc')
    .map((site): string => site.name);
  if (idcs.includes(idc)) return accepted(null);
  const expected = idcs.sort().join(' | ');
  return refused('unknownSite', `${idc} is not an IDC of this tier; its IDCs are ${expected}.`, {
    field,
    expected,
  });
}
