/**
 * What brokers and operators ask of a broker set that only a leader can judge, because it takes evidence. Answered with
 * `applied` once the state of the node that was asked shows the outcome.
 */
import type { ClusterName, GroupName } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';

export type BrokerSetRequest =
  | {
      readonly kind: 'electMaster';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      /** Who asks, or who is wanted (`designated`); null: whoever is fit. */
      readonly brokerId: number | null;
      /** Wanted by an operator; else a broker asks for itself. */
      readonly designated: boolean;
      /** Accepts the loss of messages that only members of the sync state set hold. */
      readonly unsafe: boolean;
      readonly by: string;
    }
  /** By the master, which is the author of its sync state set. */
  | {
      readonly kind: 'alterSyncStateSet';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      readonly masterBrokerId: number;
      readonly masterEpoch: number;
      readonly syncStateSet: readonly number[];
      /** The one that it goes on from. */
      readonly syncStateSetEpoch: number;
    };

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** What no other node could read is not asked of one: numbers and lists are those that brokers wrote. */
export function checkBrokerSetRequest(request: BrokerSetRequest): Result<null> {
  const { kind } = request;
  const numbers =
    kind === 'electMaster'
      ? [request.brokerId ?? 0]
      : [request.masterBrokerId, request.masterEpoch, request.syncStateSetEpoch, ...request.syncStateSet];
  if (!numbers.every(isCount))
    return refused('invalidRequest', 'Ids and epochs of brokers are whole numbers of at least 0.');
  if (kind === 'alterSyncStateSet' && request.syncStateSet.length > LIMITS.brokersPerSet)
    return refused('limitReached', `A broker set has at most ${LIMITS.brokersPerSet} brokers.`);
  return accepted(null);
}
