/**
 * Whether it is true, seen from the outside, that no promotion could be proven lossless: of some set, the process under
 * which it was acknowledged is gone, and too few members are left. A member is left while it is the process that was
 * committed and is on the stream of the last reign; what one that is on another stream proves is disputable.
 */
import type { TierGroup } from '../../brokers/broker-tier.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import type { CommittedGroup } from './committed-groups.ts';

export function isHopeless({ now, sets, promotions }: CommittedGroup, { byReplica }: TierGroup): boolean {
  const reign = now.reigns.at(-1);
  const running = (replica: string, runId: string): ServerProcess | null => {
    const process = byReplica.get(replica)?.process ?? null;
    return process?.runId === runId ? process : null;
  };
  const isAttempted = promotions.some(({ epoch }) => epoch > (reign?.epoch ?? 0));
  /** Beyond what its second id covers it is a promotion's, or else that of somebody whom nobody has committed. */
  const isOnStream = ({ stream }: ServerProcess): boolean =>
    reign === undefined ||
    stream.replicationId === reign.lineage ||
    (stream.secondId === reign.lineage && (isAttempted || stream.offset <= stream.secondOffset));
  /**
   * Whoever was promoted under a set, or under a later one, holds all that was acknowledged under it, also where the
   * promotion was given up, unless that was one for which a loss had been accepted. A master of an earlier reign may have
   * left the stream behind the cut that ended it.
   */
  const isRuled = (epoch: number): boolean =>
    promotions.some((promotion) => {
      if (promotion.epoch < epoch) return false;
      if (promotion.unsafe && promotion.epoch > (reign?.epoch ?? 0)) return false;
      const candidate = running(promotion.candidate, promotion.runId);
      // At offset 0 nobody can tell it from one whose full resync was cut short.
      if (candidate === null || candidate.stream.offset === 0n) return false;
      return reign === undefined || promotion.epoch >= reign.epoch || isOnStream(candidate);
    });
  const isLeft = (replica: string, runId: string): boolean => {
    const process = running(replica, runId);
    if (process === null || process.stream.offset === 0n) return false;
    return isOnStream(process);
  };
  return now.syncSets.some(({ version }) => {
    const set = sets.get(version);
    if (set === undefined || isRuled(set.epoch)) return false;
    const left = [...set.members].filter(([replica, runId]) => isLeft(replica, runId)).length;
    return left < set.members.size - set.waitCount + 1;
  });
}
