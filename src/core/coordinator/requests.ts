/**
 * What doors ask of a node. A door validates and translates; the answer is a value, a refusal included.
 * Reads that any node answers from its applied state do not pass here: a door reads them from NodeFace.state().
 */
import type { DrillPlanRow } from '../drills/drill-plan.ts';
import type { Inspection } from '../failover/steering.ts';
import type { SurvivalRow } from '../failover/survival.ts';
import type { ServerReport } from '../liveness/observation.ts';
import type { Command } from '../metadata/command.ts';
import type { DrillKind } from '../metadata/drill-state.ts';
import type { BrokerKind, Endpoints, WritePolicy } from '../metadata/state.ts';
import type { OnShortage } from '../metadata/state-parts.ts';
import type {
  ClusterName,
  Epoch,
  GroupKey,
  GroupName,
  ReplicaId,
  SiteName,
} from '../primitives/identifiers.ts';
import type { Result } from '../primitives/refusal.ts';
import type { BrokerSetRequest } from './broker-sets/broker-set-request.ts';

export type GroupDeclaration = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly kind: BrokerKind;
  /** Judged, written down, and never touched. */
  readonly watchOnly: boolean;
  readonly replicas: readonly {
    readonly id: ReplicaId;
    readonly site: SiteName;
    readonly endpoints: Endpoints;
    readonly priority: number;
  }[];
  /** Which replica is to be the first master; null: the one that is a master now, or holds the data. */
  readonly preferredMaster: ReplicaId | null;
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  readonly timeFenceSeconds: number;
  readonly detectionMs: number;
  readonly cooldownMs: number;
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type GroupPlan = {
  readonly fit: boolean;
  readonly master: ReplicaId | null;
  readonly servers: readonly {
    readonly replica: ReplicaId;
    readonly site: SiteName;
    readonly address: string;
    /** Null when it did not answer; `error` says why. */
    readonly inspection: Inspection | null;
    readonly error: string | null;
  }[];
  readonly problems: readonly {
    readonly replica: ReplicaId | null;
    readonly code: string;
    readonly message: string;
  }[];
  readonly survives: readonly SurvivalRow[];
  readonly waitCount: number;
};

/** What a self-registering broker says of itself. The reply may be held open up to `holdMs`. */
export type Heartbeat = {
  readonly group: GroupKey;
  readonly replica: ReplicaId;
  readonly report: ServerReport;
  /** Newest order that the broker has carried out; the reply is held while there is nothing newer. */
  readonly ordersSeen: string | null;
  readonly holdMs: number;
};

export type HeartbeatOrders = {
  /** Opaque; the broker repeats it as `ordersSeen` once it acts accordingly. */
  readonly orders: string;
  readonly role: 'master' | 'slave' | 'fenced';
  readonly epoch: Epoch;
  readonly follow: { readonly replica: ReplicaId; readonly address: string } | null;
  /** Replicas whose replication this master has to accept; empty for others. */
  readonly accept: readonly ReplicaId[];
  readonly nextHeartbeatMs: number;
};

export type ClientRequest =
  /** One command, judged by its own rule when it is applied. `untilApplied`: answered once it is applied here, too. */
  | { readonly type: 'propose'; readonly command: Command; readonly untilApplied?: boolean | undefined }
  /** Answered once this node's state is at least as new as the moment of asking. */
  | { readonly type: 'readBarrier' }
  /** Preflight, then (unless planOnly) commit; answered when committed, adoption goes on by itself. */
  | {
      readonly type: 'addGroup';
      readonly declaration: GroupDeclaration;
      readonly planOnly: boolean;
      /** Of a plan: files are proven writable too, where nothing but a Sentinel stands against the group. */
      readonly proveWritable?: boolean | undefined;
      readonly by: string;
    }
  /** Forced move. `unsafe` accepts the loss of what cannot be proven to be held. */
  | {
      readonly type: 'failover';
      readonly group: GroupKey;
      readonly to: ReplicaId | null;
      readonly unsafe: boolean;
      readonly by: string;
      /** Why; kept in the history. */
      readonly note?: string | undefined;
    }
  /** Planned zero-loss move; `planOnly` says what would happen. */
  | {
      readonly type: 'switchover';
      readonly group: GroupKey;
      readonly to: ReplicaId | null;
      readonly planOnly: boolean;
      readonly by: string;
    }
  /** What an evacuation or a return would do; begun by the command drill.begin. */
  | {
      readonly type: 'drillPlan';
      readonly kind: DrillKind;
      readonly idc: SiteName;
      readonly groups: readonly GroupKey[] | null;
    }
  /** Ends watch-only by the ordinary adoption: preflight, then (unless planOnly) commit. */
  | {
      readonly type: 'takeGroup';
      readonly group: GroupKey;
      /** Null: the master that is seen to reign. */
      readonly preferredMaster: ReplicaId | null;
      readonly planOnly: boolean;
      readonly proveWritable?: boolean | undefined;
      readonly by: string;
    }
  | { readonly type: 'removeGroup'; readonly group: GroupKey; readonly by: string }
  /** Whether a promotion could be proven lossless if the master died now. */
  | { readonly type: 'assess'; readonly group: GroupKey }
  | { readonly type: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly type: 'brokerSet'; readonly request: BrokerSetRequest };

export type ReplyValue =
  | { readonly kind: 'committed'; readonly index: number }
  | { readonly kind: 'current'; readonly index: number }
  /** The state of the node that was asked shows it. `changed` false: everything was as asked already. */
  | { readonly kind: 'applied'; readonly index: number; readonly changed: boolean }
  | { readonly kind: 'plan'; readonly plan: GroupPlan }
  | { readonly kind: 'moveStarted'; readonly recordId: string; readonly epoch: Epoch }
  | {
      readonly kind: 'movePlan';
      readonly from: ReplicaId;
      readonly to: ReplicaId;
      readonly lagBytes: bigint;
      readonly steps: readonly string[];
    }
  | { readonly kind: 'drillPlan'; readonly rows: readonly DrillPlanRow[]; readonly leftOff: number }
  /** `detail` says what is missing; it means nothing where the promotion is provable. */
  | { readonly kind: 'assessment'; readonly provable: boolean; readonly detail: string }
  | { readonly kind: 'orders'; readonly orders: HeartbeatOrders };

export type ClientReply = Result<ReplyValue>;
