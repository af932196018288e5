/**
 * What can be asked of a real Sentinel, and of a master that nobody has declared yet. Every answer is bounded and comes
 * in time, or is a refusal: brokerUnreachable, brokerRefused, or unknownMaster where a Sentinel does not watch it.
 */
import type { Result } from '../primitives/refusal.ts';

export type SlaveSeen = {
  /** `host:port`, as it is announced to clients. */
  readonly address: string;
  readonly flags: readonly string[];
  /** Address of the master that it follows; null while it is not known. */
  readonly follows: string | null;
  readonly linkUp: boolean;
  /** Of Redis: lower is preferred, and 0 is never promoted. */
  readonly priority: number;
};

export type SentinelSeen = {
  readonly id: string;
  readonly address: string;
};

/** What one Sentinel says of one master. */
export type MasterSeen = {
  readonly sentinel: SentinelSeen;
  readonly address: string;
  readonly flags: readonly string[];
  readonly quorum: number;
  /** Options of SENTINEL SET with the values that it has for the master; passwords cannot be read. */
  readonly settings: readonly (readonly [option: string, value: string])[];
  readonly slaves: readonly SlaveSeen[];
  /** The other Sentinels that it knows to watch the master. */
  readonly others: readonly SentinelSeen[];
};

export type SentinelPort = {
  /** Names of the masters that this Sentinel watches, and how many more there are. */
  masters(sentinel: string): Promise<Result<{ readonly names: readonly string[]; readonly leftOff: number }>>;
  look(sentinel: string, master: string): Promise<Result<MasterSeen>>;
  /** Slaves of a master out of its own INFO, as they announce themselves. */
  slavesOf(master: string): Promise<Result<readonly string[]>>;
  /** How the ids of the Sentinels begin that are connected to a data server, whatever they call its master. */
  watchersOf(server: string): Promise<Result<readonly string[]>>;
  /** SENTINEL REMOVE; one that does not watch the master any more is content as well. */
  remove(sentinel: string, master: string): Promise<Result<null>>;
};
