/**
 * The replicated state. Everything here is changed by committed commands only (`apply.ts`), is equal on every
 * node at the same log index, and goes into the snapshot. Heartbeats, answer times and offsets of running
 * servers are evidence, not state: they live in core/liveness.
 *
 * The shape carries what later work needs (RocketMQ as author of its sync set, consumer-group generations,
 * governance), so that the log of today can be replayed by the code of tomorrow.
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
  Term,
  TopicName,
} from '../primitives/identifiers.ts';
import type {
  BrokerSet,
  BrokerSetRecord,
  NamedSet,
  Registration,
  SetQueues,
  StaticQueues,
  TopicNear,
} from './broker-set-state.ts';
import type { Drill, DrillMove, IdcState, ReturnRule } from './drill-state.ts';
import type { HistoryEvidence, HistoryStep, OnShortage } from './state-parts.ts';

export type Site = { readonly name: SiteName; readonly kind: 'idc' | 'witness' };
export type TierMember = { readonly name: NodeName; readonly site: SiteName; readonly httpUrl: string };

/** Named addresses of one replica, `host:port`. Clients get `announced` where set, else `client`. */
export type Endpoints = {
  readonly client: string;
  readonly replication: string;
  readonly announced: string | null;
};

export type Replica = {
  readonly id: ReplicaId;
  readonly site: SiteName;
  readonly endpoints: Endpoints;
  /** Breaks ties between equally synchronised candidates; lower is preferred. */
  readonly priority: number;
  /** The process that pollux has fenced and taken in; another one of the same id counts for nothing. */
  readonly incarnation: Incarnation | null;
};

/** How an acknowledging set is formed out of a sync set: any `k` of its members, or all of them. */
export type SyncRule = { readonly kind: 'anyOf'; readonly k: number } | { readonly kind: 'allOf' };

export type ReplicaIncarnation = { readonly replica: ReplicaId; readonly incarnation: Incarnation };

export type SyncSetMember = {
  readonly replica: ReplicaId;
  readonly incarnation: Incarnation;
  /** True once this process was seen to hold everything of the reigns before its set's epoch. */
  readonly caughtUp: boolean;
};

/** The replicas beside the master that may acknowledge (V of the algorithm), and how many of them it takes. */
export type SyncSet = {
  readonly version: number;
  readonly epoch: Epoch;
  readonly members: readonly SyncSetMember[];
  readonly rule: SyncRule;
  readonly author: 'pollux' | 'master';
  /** True while the rule is weaker than the policy asks for (`onShortage: degrade`). */
  readonly degraded: boolean;
};

export type WritePolicy = 'async' | 'any-one' | 'majority' | 'cross-idc' | 'all';

/** What the driver of this kind of broker is able to do; the failover phases ask this, never the kind. */
export type DriverCapabilities = {
  /** It can stop an old master's acknowledgements without reaching the old master. */
  readonly canRevoke: boolean;
  readonly syncSetAuthor: 'pollux' | 'master';
};

export type BrokerKind = 'redis' | 'http' | 'rocketmq';

export type FencingReason =
  | 'adoption'
  | 'masterLost'
  | 'masterRestarted'
  | 'switchover'
  | 'operatorFailover'
  | 'promotionFailed'
  /** Somebody else made it the master of a group that pollux only watches. */
  | 'observed';

/** Committed before it is acted on; a new leader resumes from it. `recordId` names the history record. */
export type GroupPhase =
  | { readonly kind: 'active' }
  | {
      readonly kind: 'fencing';
      readonly epoch: Epoch;
      readonly reason: FencingReason;
      readonly recordId: string;
      /** Set when an operator wants this replica; honoured only if it is fully caught up. */
      readonly preferred: ReplicaId | null;
      /** An operator accepted the loss of unprovable writes. */
      readonly unsafe: boolean;
    }
  | {
      readonly kind: 'promoting';
      readonly epoch: Epoch;
      readonly reason: FencingReason;
      readonly recordId: string;
      readonly candidate: ReplicaId;
      readonly incarnation: Incarnation;
      /** Offset and lineage at which the candidate was revoked and read. */
      readonly cut: bigint;
      readonly cutLineage: Lineage;
      /** Reign, or promotion given up, that wrote the last byte before the cut; null where nobody could tell. */
      readonly cutEpoch: Epoch | null;
    };

/**
 * A promotion that was committed and never became active. Its candidate may have been made a master all the same, and
 * its members may have followed it: each of these processes was revoked and read on `cutLineage`, not beyond the cut.
 */
export type GivenUpPromotion = {
  readonly epoch: Epoch;
  readonly candidate: ReplicaId;
  readonly incarnation: Incarnation;
  readonly cut: bigint;
  readonly cutLineage: Lineage;
  readonly cutEpoch: Epoch | null;
  readonly members: readonly ReplicaIncarnation[];
  /** The lineage that its candidate began; null as long as nobody who had it was read. */
  readonly lineage: Lineage | null;
};

/**
 * A reign that ended or runs: what a returning server's history is compared with. A promotion that was given up, and
 * whose stream a later reign went on from, was a short one. One whose master went on under another replication id is two
 * of the same epoch.
 */
export type Reign = {
  readonly epoch: Epoch;
  readonly master: ReplicaId;
  readonly incarnation: Incarnation;
  readonly lineage: Lineage;
  /** Offset at which the reign, or its lineage, began, on the lineage before it. */
  readonly cut: bigint;
};

/** The group failed over automatically: for its `cooldownMs` it is left alone, unless an operator acknowledges. */
export type Cooldown = { readonly recordId: string; readonly sinceWallMs: number };

export type BrokerGroup = {
  readonly key: GroupKey;
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly kind: BrokerKind;
  /**
   * Somebody else steers it: pollux judges it as any other group and writes down what it would have done, and touches
   * nothing. Its reigns and sync sets are what was seen, not what was steered.
   */
  readonly watchOnly: boolean;
  readonly capabilities: DriverCapabilities;
  readonly replicas: readonly Replica[];
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  /** A master whose rule is not met for so long stops for clients that do not wait, too; 0: it does not. */
  readonly timeFenceSeconds: number;
  /** Reign that is active, or was last; 0 before the first. A fencing phase names the next. */
  readonly epoch: Epoch;
  /** Null before the first reign. While fencing or promoting it is the master of the reign that ends. */
  readonly master: ReplicaId | null;
  readonly phase: GroupPhase;
  /** Rules in force, oldest first: promotion satisfies all of them, producers use the last. */
  readonly syncSets: readonly SyncSet[];
  /** Newest last; bounded. */
  readonly reigns: readonly Reign[];
  /** Promotions given up since the newest reign, oldest first; bounded. */
  readonly givenUp: readonly GivenUpPromotion[];
  /** Highest offset on the newest lineage known to be held by an acknowledging set. */
  readonly floor: bigint;
  readonly detectionMs: number;
  /** How long it is left alone after an automatic failover; 0: not at all. */
  readonly cooldownMs: number;
  /** Null before the first automatic failover, and once an operator has looked at it or moved the master. */
  readonly cooldown: Cooldown | null;
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type TopicQueues = {
  readonly group: GroupKey;
  readonly readQueues: number;
  readonly writeQueues: number;
};

export type Topic = {
  readonly cluster: ClusterName;
  readonly name: TopicName;
  readonly queues: readonly TopicQueues[];
  readonly permission: 'read' | 'write' | 'readWrite';
  readonly order: boolean;
  /** `strict`: only brokers of the client's own IDC; `prefer`: the other IDC as fallback. */
  readonly near: 'prefer' | 'strict';
  readonly attributes: Readonly<Record<string, string>>;
  /** Declared by an operator, or reported by a broker. */
  readonly source: 'declared' | 'reported';
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type ConsumerGroup = {
  readonly cluster: ClusterName;
  readonly name: ConsumerGroupName;
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocationPolicy: 'byIdc';
  readonly paused: boolean;
};

/** What automatic action is stopped for. Evidence is never stopped. */
export type StopScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'idc'; readonly site: SiteName }
  | { readonly kind: 'group'; readonly group: GroupKey };
export type AutomaticStop = {
  readonly scope: StopScope;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** It ends by itself then, by a command of its own; null: only when it is lifted. */
  readonly untilWallMs: number | null;
};

/** What an operator changed, or what the end of a stop's time changed. */
export type HistoryChange = {
  /** What it applies to. */
  readonly scope: StopScope;
  readonly change:
    | 'automaticStopped'
    | 'automaticResumed'
    | 'stopExpired'
    | 'groupSet'
    | 'acknowledged'
    | 'returnRuleSet';
  readonly by: string;
  readonly detail: string;
  readonly wallMs: number;
};

export type HistoryCandidate = {
  readonly replica: ReplicaId;
  readonly site: SiteName;
  /** Null where it was not read. */
  readonly offset: bigint | null;
  readonly epoch: Epoch;
  readonly chosen: boolean;
  /** Why it was chosen, or was not. */
  readonly detail: string;
};

/** What came of a move. */
export type MoveOutcome = 'running' | 'completed' | 'superseded' | 'reinstated';

/**
 * What came of a suspicion that was put to the other nodes and moved nothing. `refuted`: somebody reached the master.
 * `held`: slaves received from it. `undecided`: no quorum found it dead. Dead, but: `unprovable`, `automaticStopped`,
 * `coolingDown`, or `wouldHave`: the group is only watched. `carriedOut`: a move followed after all, in a record of its own.
 */
export type SuspicionOutcome =
  | 'refuted'
  | 'held'
  | 'undecided'
  | 'unprovable'
  | 'automaticStopped'
  | 'coolingDown'
  | 'wouldHave'
  | 'carriedOut';

/** Bytes of acknowledged writes; null where nobody can say. */
export type HistoryLoss = {
  /** By what was known when the new master was chosen, or when nothing was done. */
  readonly predictedBytes: bigint | null;
  /** What the old master held beyond the cut when it came back: at most this was lost. */
  readonly measuredBytes: bigint | null;
};

export type TailCounts = {
  readonly writes: number;
  /** Deletions of one key: a client's, or the master's own of what had expired. */
  readonly perhapsExpiries: number;
  /** Pings, and what frames and selects. */
  readonly others: number;
};

/** The end of an old master's stream, and where it is kept. */
export type KeptTail = TailCounts & {
  readonly replica: ReplicaId;
  readonly node: NodeName;
  /** Within the data directory of that node. */
  readonly file: string;
  readonly sha256: string;
  readonly lineage: Lineage;
  readonly cut: bigint;
  readonly offset: bigint;
  readonly bytes: number;
  /** All of it, and nothing cut in two. */
  readonly complete: boolean;
};

export type HistoryRecord = {
  readonly id: string;
  readonly group: GroupKey;
  readonly reason: FencingReason;
  readonly epoch: Epoch;
  readonly from: ReplicaId | null;
  readonly to: ReplicaId | null;
  readonly by: string;
  readonly evidence: readonly HistoryEvidence[];
  readonly steps: readonly HistoryStep[];
  readonly candidates: readonly HistoryCandidate[];
  readonly loss: HistoryLoss;
  /** What was kept of the old master's stream beyond the cut; null where nothing was, or it never came back so. */
  readonly tail: KeptTail | null;
  readonly outcome: MoveOutcome | SuspicionOutcome;
};

export type OperatorToken = {
  readonly id: string;
  readonly sha256: string;
  readonly role: 'operator';
  readonly createdWallMs: number;
};

export type MetadataState = {
  /** Chosen once, by the first command of a tier; a peer or a disk of another tier is refused by it. */
  readonly tierId: string | null;
  readonly sites: ReadonlyMap<SiteName, Site>;
  readonly members: ReadonlyMap<NodeName, TierMember>;
  /** Id of the data directory with which each node takes part; nothing for one that never did. */
  readonly joined: ReadonlyMap<NodeName, string>;
  readonly groups: ReadonlyMap<GroupKey, BrokerGroup>;
  /** Key: `cluster/topic`. */
  readonly topics: ReadonlyMap<string, Topic>;
  /** Key: `cluster/consumerGroup`. */
  readonly consumerGroups: ReadonlyMap<string, ConsumerGroup>;
  readonly stops: readonly AutomaticStop[];
  /** IDCs that are not active. */
  readonly idcStates: ReadonlyMap<SiteName, Exclude<IdcState, 'active'>>;
  /** Evacuations and returns, oldest first; at most the newest runs. Bounded by LIMITS.drillsKept. */
  readonly drills: readonly Drill[];
  /** Rows of the newest drill. */
  readonly drillMoves: ReadonlyMap<GroupKey, DrillMove>;
  /** The IDC that evacuations took each group's master out of, until it is brought back. */
  readonly evacuatedFrom: ReadonlyMap<GroupKey, SiteName>;
  /** By group, or TIER_RULE. */
  readonly returnRules: ReadonlyMap<string, ReturnRule>;
  /** Oldest first; bounded by LIMITS.historyRecords. */
  readonly history: readonly HistoryRecord[];
  /** Oldest first; bounded by LIMITS.historyChanges. */
  readonly changes: readonly HistoryChange[];
  readonly tokens: ReadonlyMap<string, OperatorToken>;
  readonly keyValues: ReadonlyMap<string, string>;
  /** RocketMQ as a Controller. */
  readonly brokerSets: ReadonlyMap<GroupName, BrokerSet>;
  /** Oldest first; bounded by LIMITS.brokerSetRecords. */
  readonly brokerSetHistory: readonly BrokerSetRecord[];
  /** RocketMQ as a NameServer, by address. */
  readonly registrations: ReadonlyMap<string, Registration>;
  readonly namedSets: ReadonlyMap<GroupName, NamedSet>;
  /** By topic, in order of the sets' names. */
  readonly topicQueues: ReadonlyMap<string, readonly SetQueues[]>;
  readonly staticTopics: ReadonlyMap<string, readonly StaticQueues[]>;
  /** By topic, or EVERY_TOPIC. */
  readonly topicNears: ReadonlyMap<string, TopicNear>;
  /** RocketMQ's key-value configuration, by namespace. */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Log index of the newest change of what the routes of many topics depend on: all of the above but `topicQueues`. */
  readonly brokersRevision: number;
  /** Numbered behaviour changes that are switched on; apply consults them so that old logs replay alike. */
  readonly behaviourFlags: ReadonlySet<number>;
  /** Applied up to here. */
  readonly appliedIndex: number;
  readonly appliedTerm: Term;
};
