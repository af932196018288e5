/** The record of another node. Clients go there next; nobody votes here, so the fields about votes say nothing. */
import type { SentinelPeer } from '../door-ports.ts';
import { nodeId } from '../node-id.ts';
import { commonFields, type Fields } from './fields.ts';

/** What is between the nodes counts by itself; this is only what a Sentinel would be set to. */
const DOWN_AFTER_MS = 1_000;

export function sentinelRecord(peer: SentinelPeer, tierId: string, isConnected: boolean): Fields {
  const id = nodeId(tierId, peer.node);
  return [
    ...commonFields({
      name: id,
      host: peer.host,
      port: String(peer.port),
      runId: id,
      flags: isConnected ? ['sentinel'] : ['s_down', 'sentinel', 'disconnected'],
      failoverState: null,
      ageMs: 0,
      isDown: !isConnected,
      isDownForAll: false,
      downAfterMs: DOWN_AFTER_MS,
    }),
    ['last-hello-message', '0'],
    ['voted-leader', '?'],
    ['voted-leader-epoch', '0'],
    ['idc', peer.site],
  ];
}
