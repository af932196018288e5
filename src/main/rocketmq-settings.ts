/** The RocketMQ door's options out of a node's configuration; null where this node has no such door. */
import { nodeName } from '../core/primitives/identifiers.ts';
import type { RocketmqDoorOptions, RocketmqPeer } from '../doors/rocketmq/door-ports.ts';
import { hostAndPort } from './addresses.ts';
import type { Configuration } from './config.ts';

export type RocketmqSettings = Pick<RocketmqDoorOptions, 'self' | 'advertised' | 'peers'> & {
  readonly listen: { readonly host: string; readonly port: number };
};

export function rocketmqSettingsOf({ listen, node, nodes }: Configuration): RocketmqSettings | null {
  if (listen.rocketmq === undefined) return null;
  const peers = nodes.flatMap(({ name, rocketmq }): RocketmqPeer[] =>
    rocketmq === undefined ? [] : [{ node: nodeName(name), address: rocketmq }],
  );
  return {
    listen: hostAndPort(listen.rocketmq),
    self: nodeName(node),
    advertised: nodes.find(({ name }) => name === node)?.rocketmq ?? null,
    peers,
  };
}
