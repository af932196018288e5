/**
 * SENTINEL CKQUORUM: could this group be promoted now without loss? Answered by the leader from the evidence of all
 * nodes, by the rule that stands before every failover.
 */
import { error, simple } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { refusedBy } from '../refused-by.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

export const checkQuorum: Command = {
  name: 'sentinel|ckquorum',
  words: [1, 1],
  run: whileCurrent(async (call) => {
    const group = namedGroup(call);
    if (group === null) return NO_SUCH_MASTER;
    const { options, face } = call.door;
    const usable = options.peers.filter(
      ({ node }) => node === options.self || options.isConnected(node),
    ).length;
    const reply = await face.submit({ type: 'assess', group: group.key });
    if (!reply.ok && reply.refusal.code === 'noLeader') {
      return error(
        `NOQUORUM ${usable} usable Sentinels. Not enough available Sentinels to reach the majority and authorize a failover`,
      );
    }
    if (!reply.ok) return refusedBy(reply.refusal);
    if (reply.value.kind !== 'assessment') return error('ERR the node gave no assessment; its log says more');
    const { provable, detail } = reply.value;
    return provable
      ? simple(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`)
      : error(`NOQUORUM ${usable} usable Sentinels. A promotion could not be proven lossless: ${detail}`);
  }),
};
