/**
 * Whether it is true, seen from the outside, that no promotion could be proven lossless: the process that reigned last is
 * gone, and of some set that was acknowledged under too few members are left as the processes that were committed. One
 * that holds nothing at all counts as gone: it may have lost what it once acknowledged.
 */
import type { TierGroup } from '../../brokers/broker-tier.ts';
import type { CommittedGroup } from './committed-groups.ts';

export function isHopeless({ now, sets }: CommittedGroup, { byReplica }: TierGroup): boolean {
  const runs = (replica: string, runId: string): boolean => byReplica.get(replica)?.process?.runId === runId;
  const holds = (replica: string): boolean => (byReplica.get(replica)?.process?.stream.offset ?? 0n) > 0n;
  const reign = now.reigns.at(-1);
  if (reign !== undefined && runs(reign.master, reign.incarnation)) return false;
  return now.syncSets.some(({ version }) => {
    const set = sets.get(version);
    if (set === undefined) return false;
    const left = [...set.members].filter(([replica, runId]) => runs(replica, runId) && holds(replica)).length;
    return left < set.members.size - set.waitCount + 1;
  });
}
