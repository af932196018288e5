/** The Sentinel door's options out of a node's configuration; null where this node has no such door. */
import { DEFAULT_CLUSTER } from '../core/primitives/command-line.ts';
import { clusterName, nodeName, siteName } from '../core/primitives/identifiers.ts';
import type {
  SentinelDoorOptions,
  SentinelPeer,
  SentinelUserSettings,
} from '../doors/sentinel/door-ports.ts';
import { subscriberPatienceMs } from '../doors/sentinel/events/stale-watch.ts';
import { hostAndPort } from './addresses.ts';
import type { Configuration } from './config.ts';
import type { SecretReader } from './secret-source.ts';

export type SentinelSettings = Pick<
  SentinelDoorOptions,
  'self' | 'peers' | 'nodes' | 'defaultCluster' | 'users' | 'subscriberPatienceMs'
> & {
  readonly listen: { readonly host: string; readonly port: number };
};

/** Throws ConfigurationError for a secret that cannot be read. */
export function sentinelSettingsOf(
  configuration: Configuration,
  secret: SecretReader,
): SentinelSettings | null {
  const { listen, nodes, node, sentinel, consensus } = configuration;
  if (listen.sentinel === undefined) return null;
  const peers = nodes.flatMap(({ name, site, sentinel: address }): SentinelPeer[] =>
    address === undefined ? [] : [{ node: nodeName(name), site: siteName(site), ...hostAndPort(address) }],
  );
  const users = (sentinel?.users ?? []).map(
    ({ name, password, groups, idc }, position): SentinelUserSettings => ({
      name,
      password: password === undefined ? null : secret(password, `sentinel.users.${position}.password`),
      groups,
      idc: idc === undefined ? null : siteName(idc),
    }),
  );
  return {
    listen: hostAndPort(listen.sentinel),
    self: nodeName(node),
    peers,
    nodes: nodes.length,
    defaultCluster: clusterName(DEFAULT_CLUSTER),
    users,
    subscriberPatienceMs: subscriberPatienceMs(consensus.electionTimeoutMs),
  };
}
