/**
 * The brokers of a life, and what befalls them, as values that can be written down: which servers stand where and under
 * which promise, how their network behaves, who writes, what operators ask for, and which faults strike when.
 */
import type { WritePolicy } from '../../../src/core/metadata/state.ts';
import type { OnShortage } from '../../../src/core/metadata/state-parts.ts';
import type { Traffic } from '../redis/network.ts';
import type { Fault } from '../world/faults.ts';

export type ServerPlan = { readonly id: string; readonly site: string };

export type GroupPlan = {
  readonly name: string;
  readonly servers: readonly ServerPlan[];
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  readonly timeFenceSeconds: number;
  readonly detectionMs: number;
  readonly cooldownMs: number;
  readonly persistence: 'none' | 'rdb' | 'aof';
  /** Fresh servers with prepared files, or a master with replicas that has run without pollux. */
  readonly beginning: 'prepared' | 'running';
};

/** Whoever it is at that moment, members by whether they stand at the master's site: of the group whose phase set the fault off, or of any group. */
export type Role = 'master' | 'member' | 'nearMember' | 'farMember' | 'candidate' | 'anyServer';
/** Plans that chance draws name roles; those that people write may name a server. */
export type Victim = Role | { readonly server: string };

export type BrokerFault =
  | { readonly kind: 'killServer'; readonly victim: Victim; readonly downMs: number }
  | { readonly kind: 'stopServer'; readonly victim: Victim; readonly forMs: number }
  /** What its master sends takes so long, and is lost if that ends before. */
  | { readonly kind: 'lagReplica'; readonly victim: Victim; readonly forMs: number }
  | {
      readonly kind: 'cutBrokers';
      readonly traffic: Traffic;
      readonly from: string;
      readonly to: string;
      readonly bothWays: boolean;
      readonly forMs: number;
    }
  /** An operator's own hand, with the administrator of the servers. */
  | { readonly kind: 'attachByHand'; readonly victim: Victim; readonly to: Victim }
  /** `FAILOVER TO`, which pollux never sends: the server steps down by itself, without anybody's commit. */
  | {
      readonly kind: 'failoverByHand';
      readonly victim: Victim;
      readonly to: Victim;
      readonly force: boolean;
      readonly timeoutMs: number;
    }
  /** Fresh connections are refused, or turned away with an error, while those that stand are served. */
  | {
      readonly kind: 'refuseFresh';
      readonly victim: Victim;
      readonly by: 'bind' | 'maxclients';
      readonly forMs: number;
    }
  | { readonly kind: 'switchover'; readonly to: Victim | null }
  | { readonly kind: 'failover'; readonly to: Victim | null; readonly unsafe: boolean }
  | { readonly kind: 'setPolicy'; readonly policy: WritePolicy; readonly onShortage: OnShortage }
  /** An operator's own hand again: one setting of one server. */
  | {
      readonly kind: 'setByHand';
      readonly victim: Victim;
      readonly setting: string;
      readonly value: string;
    }
  | { readonly kind: 'setTimeFence'; readonly timeFenceSeconds: number }
  | { readonly kind: 'setTimes'; readonly detectionMs: number; readonly cooldownMs: number }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'evacuate'; readonly idc: string; readonly parallel: number }
  | { readonly kind: 'returnTo'; readonly idc: string; readonly healthyMs: number }
  | { readonly kind: 'abortDrill'; readonly idc: string }
  | { readonly kind: 'preferIdc'; readonly idc: string; readonly returnAfterMs: number | null }
  /** For the group, or for an IDC; ended by itself, or by the operator. */
  | {
      readonly kind: 'stopAutomatic';
      readonly where: string;
      readonly expires: boolean;
      readonly forMs: number;
    };

/**
 * What sets a fault off: the commit of a command; what a server does, where a full resync begins and ends; or an election,
 * after which only faults of nodes strike.
 */
export type Moment =
  | 'election'
  | 'group.fence'
  | 'group.promote'
  | 'group.activate'
  | 'group.changeSyncSet'
  | 'server.resyncs'
  | 'server.resynced';

export type PlannedStrike = {
  /** From the moment on at which all groups were taken on. */
  readonly atMs: number;
  /** Null: it strikes at once. Otherwise so long after the next moment of this kind. */
  readonly after: { readonly moment: Moment; readonly delayMs: number } | null;
  readonly strike: { readonly world: Fault } | { readonly brokers: BrokerFault };
};

export type BrokerPlan = {
  readonly groups: readonly GroupPlan[];
  /** Longest that a snapshot travels, and that it takes to load one. */
  readonly transferMs: number;
  readonly loadMs: number;
  readonly backlogBytes: number;
  /** Share of segments to and from servers that are sent again, and how late they are at most. */
  readonly lateShare: number;
  readonly lateMs: number;
  /** False: the witness has no route to broker ports. */
  readonly witnessReaches: boolean;
  readonly probeIntervalMs: number;
  readonly producers: number;
  readonly naiveWriters: number;
  readonly thinkMs: number;
  readonly waitMs: number;
};
