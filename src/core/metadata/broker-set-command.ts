/** Changes of the broker sets, registrations and names of RocketMQ; part of the union in `command.ts`. */
import type { ClusterName, GroupName, SiteName } from '../primitives/identifiers.ts';
import type {
  BrokerCandidate,
  BrokerSetPolicy,
  DataVersion,
  ElectionReason,
  Registration,
  SetQueues,
  StaticQueues,
  TopicNear,
} from './broker-set-state.ts';
import type { HistoryEvidence, OnShortage } from './state-parts.ts';

/** Topics that are alike on one broker set. */
export type AlikeTopics = Omit<SetQueues, 'name'> & { readonly topics: readonly string[] };

/** The part of a static topic that the registering broker holds. */
export type StaticTopic = Omit<StaticQueues, 'name'> & { readonly topic: string };

export type RegistrationSet = Extract<BrokerSetCommand, { type: 'registration.set' }>;

export type BrokerSetCommand =
  /**
   * A registration (103) that changes anything. `topics` are those that changed, `topicCount` counts all of the request.
   * Not `complete`: further topics follow in `registration.putTopics`, the last of which completes it. Refused with
   * staleRegistration for a master of an earlier epoch, with singleTopicRegistration, brokerNameTaken or addressTaken.
   */
  | ({ readonly type: 'registration.set' } & Omit<Registration, 'brokerId'> & {
        readonly brokerId: number;
        /** Null: the broker is of a release that does not know of it. */
        readonly enableActingMaster: boolean | null;
        readonly topicCount: number;
        readonly topics: readonly AlikeTopics[];
        readonly staticTopics: readonly StaticTopic[];
      })
  | {
      readonly type: 'registration.putTopics';
      readonly name: GroupName;
      readonly address: string;
      readonly topics: readonly AlikeTopics[];
      readonly staticTopics: readonly StaticTopic[];
      readonly dataVersion: DataVersion;
      readonly complete: boolean;
    }
  /** It said goodbye (104), was confirmed dead, or its time ran out. Changes nothing where it is not registered. */
  | { readonly type: 'registration.remove'; readonly name: GroupName; readonly address: string }
  /** 216; `cluster` null: everywhere. */
  | { readonly type: 'naming.deleteTopic'; readonly topic: string; readonly cluster: ClusterName | null }
  /** 217; refused with unknownBrokerSet unless every set is registered. */
  | { readonly type: 'naming.putTopic'; readonly topic: string; readonly queues: readonly SetQueues[] }
  /** 205 and 327. */
  | {
      readonly type: 'naming.setWritePermission';
      readonly name: GroupName;
      readonly permission: 'wiped' | 'added';
    }
  /** `topic` may be EVERY_TOPIC; `near` null takes the rule away. */
  | {
      readonly type: 'naming.setTopicNear';
      readonly topic: string;
      readonly near: TopicNear | null;
      readonly by: string;
      readonly wallMs: number;
    }
  | {
      readonly type: 'naming.putKeyValue';
      readonly namespace: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'naming.deleteKeyValue'; readonly namespace: string; readonly key: string }
  /** 1013. Refused with brokerIdTaken for an id that was given out before, unless to the same check code. */
  | {
      readonly type: 'brokerSet.applyId';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      readonly brokerId: number;
      readonly registerCheckCode: string;
      readonly address: string;
      readonly site: SiteName | null;
    }
  /** 1003: its address now; adopts a set or an id that is unknown, which makes the set unproven. */
  | {
      readonly type: 'brokerSet.registerBroker';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      readonly brokerId: number;
      readonly address: string;
      readonly site: SiteName | null;
    }
  /** 1001, but for aliveness, which the leader checks before it proposes. */
  | {
      readonly type: 'brokerSet.alterSyncStateSet';
      readonly name: GroupName;
      readonly masterBrokerId: number;
      readonly masterEpoch: number;
      readonly syncStateSet: readonly number[];
      /** The one that it replaces. */
      readonly syncStateSetEpoch: number;
    }
  /**
   * A new master; refused with fencedMasterEpoch unless `expectedMasterEpoch` is the set's. `masterEpoch` is above it, and
   * above every epoch that a broker of the set was seen in. Its address becomes that of id 0 at once.
   */
  | {
      readonly type: 'brokerSet.elect';
      readonly name: GroupName;
      readonly expectedMasterEpoch: number;
      readonly masterEpoch: number;
      readonly master: number;
      readonly reason: ElectionReason;
      readonly unsafe: boolean;
      readonly recordId: string;
      readonly by: string;
      readonly detail: string;
      readonly evidence: readonly HistoryEvidence[];
      readonly candidates: readonly BrokerCandidate[];
      readonly predictedLossBytes: bigint | null;
      readonly wallMs: number;
    }
  /** No successor: the set has no master, one epoch on; the sync state set stays. */
  | {
      readonly type: 'brokerSet.loseMaster';
      readonly name: GroupName;
      readonly expectedMasterEpoch: number;
      readonly recordId: string;
      readonly by: string;
      readonly detail: string;
      readonly evidence: readonly HistoryEvidence[];
      readonly candidates: readonly BrokerCandidate[];
      readonly wallMs: number;
    }
  /** A broker of a set without a master was seen in this epoch. With one, it takes an election above that epoch. */
  | { readonly type: 'brokerSet.raiseEpoch'; readonly name: GroupName; readonly masterEpoch: number }
  /** 1011; `brokerIds` null: the whole set. Aliveness is looked at before it is proposed. */
  | {
      readonly type: 'brokerSet.clean';
      readonly name: GroupName;
      readonly brokerIds: readonly number[] | null;
      readonly by: string;
      readonly wallMs: number;
    }
  /** Null leaves a setting as it is. */
  | {
      readonly type: 'brokerSet.setPolicy';
      readonly name: GroupName;
      readonly policy: BrokerSetPolicy | null;
      readonly onShortage: OnShortage | null;
      readonly detectionMs: number | null;
      readonly by: string;
      readonly wallMs: number;
    }
  /** Adds a step to a kept record of an election: a role change that was acknowledged, an old master that came back. */
  | {
      readonly type: 'brokerSet.addStep';
      readonly recordId: string;
      readonly step: string;
      readonly detail: string;
      readonly wallMs: number;
    };
