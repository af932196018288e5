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
   * Whoever reigned under a set holds all that was acknowledged under it. So does a candidate whose promotion was given
   * up, but the tier does not keep by which process that was and therefore asks for an operator's word; left so.
   */
  const isRuled = (epoch: number): boolean => {
    if (!now.reigns.some((known) => known.epoch === epoch)) return false;
    const attempt = promotions.findLast((promotion) => promotion.epoch === epoch);
    const candidate = attempt === undefined ? null : running(attempt.candidate, attempt.runId);
    // A master of an earlier reign may have left the stream behind the cut that ended it.
    if (candidate !== null && (reign === undefined || epoch >= reign.epoch || isOnStream(candidate)))
      return true;
    return reign !== undefined && epoch <= reign.epoch && running(reign.master, reign.incarnation) !== null;
  };
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
