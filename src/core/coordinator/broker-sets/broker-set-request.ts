/**
 * What brokers and operators ask of a broker set that only a leader can judge, because it takes evidence. Answered with
 * `applied` once the state of the node that was asked shows the outcome.
 */
import type { ClusterName, GroupName } from '../../primitives/identifiers.ts';

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
