/**
 * What the tier keeps of RocketMQ: as a Controller the broker sets with ids, epochs and sync state sets, as a NameServer
 * the registrations and what they say of topics. Both know one another: an election moves the registered master at
 * commit. A brokerName is unique over all clusters, and so is the key of every map here.
 */
import type { ClusterName, GroupKey, GroupName, SiteName } from '../primitives/identifiers.ts';
import type { HistoryEvidence, HistoryStep, OnShortage } from './state-parts.ts';

/** One process of a broker set, by the id that the controller gave it. */
export type Broker = {
  /** At least 1, and never given to another; 0 means "the master" and exists only in registrations. */
  readonly id: number;
  /** `host:port` that clients use; empty while nobody said, or when another broker took it over. */
  readonly address: string;
  /** Of its own registration; null until then. */
  readonly haAddress: string | null;
  /** By the zone that it named, else by address ranges; null where neither says. */
  readonly site: SiteName | null;
  /** Of the request that applied for the id; null where the broker had its id before we knew of it. */
  readonly registerCheckCode: string | null;
};

/** `cross-idc`: the sync state set keeps a member outside the master's IDC. `all`: it is whatever the master says. */
export type BrokerSetPolicy = 'cross-idc' | 'all';

export type BrokerSet = {
  readonly key: GroupKey;
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly brokers: ReadonlyMap<number, Broker>;
  /** Above every id that was ever given out or adopted in this set. */
  readonly nextBrokerId: number;
  readonly master: number | null;
  /** Only grows, by elections, lost masters and epochs of brokers that were ahead of ours. */
  readonly masterEpoch: number;
  /** Ids in ascending order: every one of them holds all that was acknowledged. */
  readonly syncStateSet: readonly number[];
  readonly syncStateSetEpoch: number;
  /**
   * Nobody can tell who holds what was acknowledged: its brokers had ids or epochs before we knew of them, or the last
   * members of its sync state set were cleaned away. Its next master is chosen by what all of them hold, not by who asks.
   */
  readonly unproven: boolean;
  readonly policy: BrokerSetPolicy;
  readonly onShortage: OnShortage;
  /** It has brokers outside the master's IDC, its policy wants one of them in the sync state set, and none is. */
  readonly degraded: boolean;
  /** Silence after which the leader suspects its master; a heartbeat that names a shorter one is taken at its word. */
  readonly detectionMs: number;
};

/** RocketMQ's mark of a broker's topic table; equal if all three are. `stateVersion` is the master epoch. */
export type DataVersion = {
  readonly stateVersion: number;
  readonly timestamp: number;
  readonly counter: number;
};

/** What a name server knows of one broker process, by its own word (103). Keyed by address. */
export type Registration = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly address: string;
  /** 0: the master. Null: registered, but another one has its id by now. */
  readonly brokerId: number | null;
  readonly haAddress: string;
  /** By its zone, else by address ranges. */
  readonly site: SiteName | null;
  readonly zone: string | null;
  /** Ordinal of its RocketMQ release. */
  readonly version: number;
  readonly timeoutMs: number;
  readonly dataVersion: DataVersion;
  /** Its topics of that version are all taken in; if not, its next registration counts as changed. */
  readonly complete: boolean;
};

/** A broker set as routes show it: exists as long as one of its brokers is registered. */
export type NamedSet = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  /** Id to address; 0 is the master. */
  readonly addresses: ReadonlyMap<number, string>;
  readonly enableActingMaster: boolean;
  /** `wiped` (205) and `added` (327) stand until its topics change. */
  readonly writePermission: 'asRegistered' | 'wiped' | 'added';
  /** Topics that list it. */
  readonly topics: number;
};

/** What one broker set holds of a topic. Equal ones are one object, however many topics share it. */
export type SetQueues = {
  readonly name: GroupName;
  readonly readQueues: number;
  readonly writeQueues: number;
  /** RocketMQ's bits: 8 priority, 4 read, 2 write, 1 inherit. As registered: what the set's state masks is not masked here. */
  readonly permission: number;
  readonly sysFlag: number;
};

/** The part of a static topic that one broker set holds: pairs of logical and physical queue. */
export type StaticQueues = {
  readonly name: GroupName;
  readonly scope: string;
  readonly totalQueues: number;
  readonly epoch: number;
  readonly queues: readonly (readonly [number, number])[];
};

/**
 * Which broker sets a topic's route lists. `client`: near ones if the client asks for its zone, else all. `prefer`: near
 * ones, to every client whose IDC is known. Both: all of them where none near has a master. `strict`: near ones only.
 * `everywhere`: all, whatever the client asks for.
 */
export type TopicNear = 'client' | 'prefer' | 'strict' | 'everywhere';

/** Key of the rule for topics that have none of their own. */
export const EVERY_TOPIC = '*';

export type BrokerCandidate = {
  readonly id: number;
  readonly site: SiteName | null;
  /** Null where it could not be asked. */
  readonly epoch: number | null;
  readonly maxOffset: bigint | null;
  readonly chosen: boolean;
  readonly detail: string;
};

/** Why a set got another master, or lost its own. */
export type ElectionReason =
  | 'firstMaster'
  /** Of a set whose brokers had ids or epochs before we knew of them. */
  | 'adoption'
  | 'masterLost'
  /** The set had none, and a member of its sync state set is back. */
  | 'masterBack'
  | 'operator'
  | 'drill'
  /** A broker was seen in an epoch above ours. */
  | 'epochAhead';

/** An election, or a master lost without a successor. */
export type BrokerSetRecord = {
  readonly id: string;
  readonly name: GroupName;
  readonly cluster: ClusterName;
  readonly reason: ElectionReason;
  readonly masterEpoch: number;
  readonly from: number | null;
  /** Null: nobody could be elected. */
  readonly to: number | null;
  readonly by: string;
  /** An operator accepted the loss of writes. */
  readonly unsafe: boolean;
  readonly evidence: readonly HistoryEvidence[];
  readonly candidates: readonly BrokerCandidate[];
  readonly predictedLossBytes: bigint | null;
  readonly steps: readonly HistoryStep[];
  readonly wallMs: number;
};
