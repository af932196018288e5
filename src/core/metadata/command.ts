/**
 * Every change of the replicated state as one discriminated union. Time, ids and randomness are in the command,
 * so that `apply` is deterministic. The schemas of the fields live beside each command's rule in `commands/`.
 */
import type {
  ClusterName,
  ConsumerGroupName,
  Epoch,
  GroupKey,
  GroupName,
  Incarnation,
  Lineage,
  NodeName,
  ReplicaId,
  SiteName,
  TopicName,
} from '../primitives/identifiers.ts';
import type { BrokerSetCommand } from './broker-set-command.ts';
import type { DrillKind, DrillMoveState, ReturnRule, ReturnScope } from './drill-state.ts';
import type {
  AutomaticStop,
  BrokerKind,
  DriverCapabilities,
  FencingReason,
  HistoryCandidate,
  KeptTail,
  OperatorToken,
  Replica,
  ReplicaIncarnation,
  Site,
  StopScope,
  SuspicionOutcome,
  SyncRule,
  SyncSetMember,
  TierMember,
  Topic,
  WritePolicy,
} from './state.ts';
import type { HistoryEvidence, OnShortage } from './state-parts.ts';

export type Command =
  | BrokerSetCommand
  /** First command of a tier; refused with duplicateName once a tierId is set. */
  | {
      readonly type: 'tier.bootstrap';
      readonly tierId: string;
      readonly sites: readonly Site[];
      readonly members: readonly TierMember[];
      readonly token: OperatorToken;
    }
  | { readonly type: 'token.add'; readonly token: OperatorToken }
  /**
   * Refused with duplicateName where the node has joined with another data directory before, unless an operator has
   * said on that node that the former one is gone for good.
   */
  | {
      readonly type: 'member.join';
      readonly node: NodeName;
      readonly directoryId: string;
      readonly isReplacement?: true | undefined;
    }
  /**
   * Declares a group; it starts in phase fencing(epoch 1, adoption) with its history record. Where the history knows a
   * removed group of that name, the epoch is one above its last.
   */
  | {
      readonly type: 'group.add';
      readonly key: GroupKey;
      readonly cluster: ClusterName;
      readonly name: GroupName;
      readonly kind: BrokerKind;
      readonly watchOnly: boolean;
      readonly capabilities: DriverCapabilities;
      readonly replicas: readonly Omit<Replica, 'incarnation'>[];
      readonly preferredMaster: ReplicaId | null;
      readonly policy: WritePolicy;
      readonly onShortage: OnShortage;
      readonly timeFenceSeconds: number;
      readonly detectionMs: number;
      readonly cooldownMs: number;
      readonly owner: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly recordId: string;
      readonly by: string;
      readonly wallMs: number;
    }
  /**
   * What a watch-only group was seen to be. Of the reigning master's own process, in its own epoch, it tells only who
   * holds its data; one epoch on it is another reign, with a history record of its own.
   */
  | {
      readonly type: 'group.observe';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly master: ReplicaId;
      readonly incarnation: Incarnation;
      readonly lineage: Lineage;
      readonly cut: bigint;
      readonly members: readonly ReplicaIncarnation[];
      readonly rule: SyncRule;
      readonly degraded: boolean;
      readonly recordId: string;
      readonly detail: string;
      readonly wallMs: number;
    }
  /** Ends watch-only: the group is adopted as one that was just declared, above the epochs that it was seen in. */
  | {
      readonly type: 'group.take';
      readonly key: GroupKey;
      readonly preferredMaster: ReplicaId | null;
      readonly recordId: string;
      readonly by: string;
      readonly wallMs: number;
    }
  | { readonly type: 'group.remove'; readonly key: GroupKey }
  /** What an operator may change while the group runs; null leaves a setting as it is. */
  | {
      readonly type: 'group.set';
      readonly key: GroupKey;
      readonly policy: WritePolicy | null;
      readonly onShortage: OnShortage | null;
      readonly timeFenceSeconds: number | null;
      readonly detectionMs: number | null;
      readonly cooldownMs: number | null;
      readonly by: string;
      readonly wallMs: number;
    }
  /** An operator has looked at the last automatic failover: the cool-down after it is over. */
  | {
      readonly type: 'group.acknowledge';
      readonly key: GroupKey;
      readonly by: string;
      readonly note: string;
      readonly wallMs: number;
    }
  /**
   * FENCING(e+1). Refused with staleEpoch unless `epoch` is exactly one above the group's highest epoch (that of
   * its active reign or of the phase under way) and `expectedEpoch` is that highest epoch.
   */
  | {
      readonly type: 'group.fence';
      readonly key: GroupKey;
      readonly expectedEpoch: Epoch;
      readonly epoch: Epoch;
      readonly reason: FencingReason;
      readonly preferred: ReplicaId | null;
      readonly unsafe: boolean;
      readonly recordId: string;
      readonly by: string;
      /** Why, in the words of the operator who asked for it. */
      readonly note: string;
      readonly evidence: readonly HistoryEvidence[];
      readonly wallMs: number;
    }
  /**
   * PROMOTE(e+1). Only from phase fencing of the same epoch. Appends `syncSet` of the new reign to the rules in
   * force (the older ones stay until `group.settleRules`), and sets incarnations of all `incarnations`.
   */
  | {
      readonly type: 'group.promote';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly candidate: ReplicaId;
      readonly incarnation: Incarnation;
      readonly cut: bigint;
      readonly cutLineage: Lineage;
      /** Reign, or promotion given up, that wrote the last byte before the cut; null where nobody could tell. */
      readonly cutEpoch: Epoch | null;
      /** Lineages that promotions given up before were found to have begun. */
      readonly branches: readonly { readonly epoch: Epoch; readonly lineage: Lineage }[];
      readonly members: readonly SyncSetMember[];
      readonly rule: SyncRule;
      readonly degraded: boolean;
      readonly candidates: readonly HistoryCandidate[];
      /** Acknowledged bytes that this choice may lose, by what is known; null where nobody can say. */
      readonly predictedLossBytes: bigint | null;
      readonly incarnations: readonly { readonly replica: ReplicaId; readonly incarnation: Incarnation }[];
      readonly wallMs: number;
    }
  /** ACTIVE(e+1, lineage). Only from phase promoting of the same epoch; epoch and master become the new ones, a Reign is appended. */
  | {
      readonly type: 'group.activate';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly lineage: Lineage;
      readonly reinstated: boolean;
      readonly wallMs: number;
    }
  /**
   * A new sync set of the running reign, appended to the rules in force with version = last version + 1.
   * Refused with staleEpoch unless `epoch` is the active one and `expectedVersion` the last version.
   */
  | {
      readonly type: 'group.changeSyncSet';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly expectedVersion: number;
      readonly members: readonly SyncSetMember[];
      readonly rule: SyncRule;
      readonly degraded: boolean;
      readonly incarnations: readonly { readonly replica: ReplicaId; readonly incarnation: Incarnation }[];
      readonly detail: string;
      readonly wallMs: number;
    }
  /** Only rules of version >= keepFrom stay in force; keepFrom is at most the last version. */
  | {
      readonly type: 'group.settleRules';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly keepFrom: number;
    }
  /** Marks members of the last sync set as caught up. */
  | {
      readonly type: 'group.markCaughtUp';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly version: number;
      readonly replicas: readonly ReplicaId[];
    }
  /** The running reign's process goes on under another replication id, from `cut` on. */
  | {
      readonly type: 'group.noteLineage';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly incarnation: Incarnation;
      readonly formerLineage: Lineage;
      readonly lineage: Lineage;
      readonly cut: bigint;
    }
  /** Raises the floor (never lowers it) within the active epoch. */
  | {
      readonly type: 'group.raiseFloor';
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly floor: bigint;
    }
  /** Adds a step to a kept history record (an old master's return, an alert while it ran). */
  | {
      readonly type: 'history.addStep';
      readonly recordId: string;
      readonly step: string;
      readonly detail: string;
      /** Where the step says how much was lost at most. */
      readonly measuredLossBytes: bigint | null;
      readonly wallMs: number;
    }
  /**
   * A suspicion that reached confirmation and moved nothing: begins a record, or goes on with the one of that id. Refused
   * with staleEpoch unless the reign of `epoch` is active.
   */
  | {
      readonly type: 'history.note';
      readonly recordId: string;
      readonly key: GroupKey;
      readonly epoch: Epoch;
      readonly reason: 'masterLost' | 'masterRestarted';
      readonly outcome: SuspicionOutcome;
      readonly step: string;
      readonly detail: string;
      readonly evidence: readonly HistoryEvidence[];
      readonly candidates: readonly HistoryCandidate[];
      readonly predictedLossBytes: bigint | null;
      readonly wallMs: number;
    }
  | {
      readonly type: 'history.keepTail';
      readonly recordId: string;
      readonly tail: KeptTail;
      readonly detail: string;
      readonly wallMs: number;
    }
  | { readonly type: 'topic.add'; readonly topic: Topic }
  | { readonly type: 'topic.remove'; readonly cluster: ClusterName; readonly name: TopicName }
  | {
      readonly type: 'consumerGroup.add';
      readonly cluster: ClusterName;
      readonly name: ConsumerGroupName;
      readonly owner: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly type: 'automatic.stop'; readonly stop: AutomaticStop }
  /**
   * Begins an evacuation of an IDC or a return into it. `groups` null: all that it concerns at this place of the log.
   * Refused with busy while another drill runs, with noActiveIdc where masters would have nowhere to go.
   */
  | {
      readonly type: 'drill.begin';
      readonly drillId: string;
      readonly kind: DrillKind;
      readonly idc: SiteName;
      readonly groups: readonly GroupKey[] | null;
      readonly parallel: number;
      readonly resyncs: number;
      readonly healthyMs: number;
      readonly by: string;
      readonly wallMs: number;
    }
  /** The next state of one group of the running drill. Refused with staleEpoch unless its row is as expected. */
  | {
      readonly type: 'drill.note';
      readonly drillId: string;
      readonly group: GroupKey;
      readonly expected: { readonly state: DrillMoveState; readonly attempts: number };
      readonly state: DrillMoveState;
      readonly from: ReplicaId;
      readonly to: ReplicaId | null;
      readonly attempts: number;
      readonly epoch: Epoch;
      readonly detail: string;
      readonly wallMs: number;
    }
  | { readonly type: 'drill.abort'; readonly idc: SiteName; readonly by: string; readonly wallMs: number }
  | {
      readonly type: 'return.setRule';
      readonly scope: ReturnScope;
      readonly rule: ReturnRule | null;
      readonly by: string;
      readonly wallMs: number;
    }
  | {
      readonly type: 'automatic.resume';
      readonly scope: StopScope;
      readonly by: string;
      readonly wallMs: number;
    }
  /** The stop that was set until then is over. */
  | {
      readonly type: 'automatic.expire';
      readonly scope: StopScope;
      readonly untilWallMs: number;
      readonly wallMs: number;
    }
  | { readonly type: 'keyValue.set'; readonly key: string; readonly value: string }
  | { readonly type: 'keyValue.remove'; readonly key: string };

export type CommandType = Command['type'];
