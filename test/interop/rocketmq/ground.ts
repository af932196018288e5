/**
 * Where RocketMQ is tried: three sites, a node at each that brokers and clients take for a name server and a controller,
 * two broker sets of three brokers over two IDCs, and programs of RocketMQ's own libraries at a host of either IDC. Every
 * process has a network of its own. The nodes are ours, or a stock name server and a stock controller each.
 */
import type { Sites } from '../../support/sites.ts';
import type { Tier as PolluxTier } from '../../support/tier.ts';
import type { Agent } from './agent.ts';
import type { Broker } from './broker.ts';
import type { Jars, VERSIONS } from './jars.ts';

export const SITES = ['idc-a', 'idc-b', 'witness'] as const;
export type Site = (typeof SITES)[number];
export type Idc = 'idc-a' | 'idc-b';
export const CLUSTER = 'interop';
export type SetName = 'set-a' | 'set-b';
/** Of brokers: the first one is the first master, and masters go back to its IDC between two rows. */
export type SetPlan = {
  readonly name: SetName;
  readonly version: keyof typeof VERSIONS;
  readonly idcs: readonly [Idc, ...Idc[]];
};
/** A majority of either set is in another IDC. */
export const SETS: readonly SetPlan[] = [
  { name: 'set-a', version: 'newest', idcs: ['idc-a', 'idc-a', 'idc-b'] },
  { name: 'set-b', version: 'older', idcs: ['idc-b', 'idc-b', 'idc-a'] },
];
/** Where the clients are that rows look at: not in the IDC of the first set's master, which is the one that is lost. */
export const CLIENT_IDC: Idc = 'idc-b';

export type TierNode = {
  readonly name: string;
  readonly site: Site;
  /** host:port. */
  readonly nameServer: string;
  readonly controller: string;
  isRunning(): boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL of everything that is this node. */
  kill(): Promise<void>;
};

export type RocketmqTier = {
  readonly kind: 'pollux' | 'stock';
  readonly nodes: readonly TierNode[];
  /** What the tier is, for people. */
  readonly what: string;
  /** What the operator's own tool asks for; null where there is none. */
  readonly operator: PolluxTier['call'] | null;
  /** Null where any controller says it to whoever asks. */
  readonly leading: (() => Promise<TierNode>) | null;
  close(): Promise<void>;
};

export type SetState = {
  readonly master: { readonly id: number; readonly address: string } | null;
  readonly masterEpoch: number;
  readonly inSync: readonly number[];
  /** Of its brokers, by address. */
  readonly ids: ReadonlyMap<string, number>;
};

export type RocketmqGround = {
  readonly sites: Sites;
  readonly jars: Jars;
  /** Of this run; it is gone afterwards. */
  readonly directory: string;
  /** All of them, as clients are given them. */
  readonly nameServers: string;
  readonly tier: RocketmqTier;
  readonly sets: readonly SetPlan[];
  readonly brokers: readonly Broker[];
  readonly agents: Readonly<Record<Idc, Agent>>;
  /** As the leading controller has it; asks nodes that run. */
  state(set: SetName): Promise<SetState>;
  leading(): Promise<TierNode>;
  master(set: SetName): Promise<Broker>;
  /** Asks for this one to be the master, through mqadmin; what it printed. */
  electMaster(to: Broker): Promise<string>;
  /** All is whole, and each master is in its set's first IDC. */
  begin(): Promise<void>;
  /** Every process runs and nothing is cut; does not wait until the sets are whole. */
  mend(): Promise<void>;
  /** Each set has a master and all its brokers in sync, and each node's route shows all of them. */
  whole(): Promise<void>;
  /** The same; of a stock tier, whatever stays out of step is started anew by hand. Names what was. */
  settle(): Promise<readonly string[]>;
  close(): Promise<void>;
};
