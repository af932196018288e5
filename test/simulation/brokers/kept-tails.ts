/**
 * A node's archive of old masters' tails, in memory. What is kept has to be what the old master wrote last, in order, as
 * an onlooker that sees into the server knows.
 */
import type { TailPort } from '../../../src/core/node/ports.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { demand } from '../world/violation.ts';
import type { BrokerTier } from './broker-tier.ts';

const keysIn = (bytes: Uint8Array): string[] =>
  [
    ...Buffer.from(bytes)
      .toString()
      .matchAll(/\$3\r\nSET\r\n\$\d+\r\n([^\r]*)\r\n\$/g),
  ].map(([, key = '']) => key);

export const keptTails = (tier: () => BrokerTier, node: string): TailPort => ({
  keep: async ({ group, replica, epoch, complete, writes }, bytes) => {
    const process = tier().group(group)?.byReplica.get(replica)?.process ?? null;
    const keys = keysIn(bytes);
    tier().world.count('tailsKept');
    if (keys.length > 0) tier().world.count('tailsWithWrites');
    // A server that died meanwhile has nothing any more to compare with.
    if (process !== null && complete && process.link.master === null) {
      const wrote = process.writes.slice(process.writes.length - keys.length).map(({ key }) => key);
      demand(
        keys.join() === wrote.join() && writes === keys.length,
        'a kept tail is what the old master wrote last',
        () => `${replica}: ${keys.join()} were kept as ${writes} writes, ${wrote.join()} were written`,
      );
    }
    return { node: nodeName(node), file: `tails/${group}-${epoch}-${replica}.resp`, sha256: 'simulated' };
  },
});
