/**
 * Whether it is true, seen from the outside, that no promotion could be proven lossless: the process that reigned last is
 * gone, and of some set that was acknowledged under too few members are left. A member is left while it is the process
 * that was committed and is on the stream of the last reign; what one that is on another stream proves is disputable.
 */
import type { TierGroup } from '../../brokers/broker-tier.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import type { CommittedGroup } from './committed-groups.ts';

export function isHopeless({ now, sets }: CommittedGroup, { byReplica }: TierGroup): boolean {
  const reign = now.reigns.at(-1);
  const running = (replica: string, runId: string): ServerProcess | null => {
    const process = byReplica.get(replica)?.process ?? null;
    return process?.runId === runId ? process : null;
  };
  if (reign !== undefined && running(reign.master, reign.incarnation) !== null) return false;
  const isLeft = (replica: string, runId: string): boolean => {
    const process = running(replica, runId);
    if (process === null || process.stream.offset === 0n) return false;
    const { replicationId, secondId } = process.stream;
    return reign === undefined || replicationId === reign.lineage || secondId === reign.lineage;
  };
  return now.syncSets.some(({ version }) => {
    const set = sets.get(version);
    if (set === undefined) return false;
    const left = [...set.members].filter(([replica, runId]) => isLeft(replica, runId)).length;
    return left < set.members.size - set.waitCount + 1;
  });
}
