/**
 * What the leader may ask of a driver, and what comes back. Every action is idempotent: a new leader that
 * resumes a phase issues it again. A driver performs actions on one server one after the other, in order, and
 * none of a term, or of a way to the server, older than the newest that the server was steered by.
 *
 * "Done" means that every part of the action was confirmed by the server; anything else is `failed`, and the
 * server may be in any state between.
 */

import type { ReplicaRef, ServerReport } from '../liveness/observation.ts';
import type { KeptTail } from '../metadata/state.ts';
import type { Epoch, Incarnation, Lineage, ReplicaId, Term } from '../primitives/identifiers.ts';

/** Where an action goes: everything that the driver needs to know of the server. */
export type SteerTarget = ReplicaRef & { readonly address: string };

/** It refuses writes once fewer slaves than these have confirmed anything for so long, in whole seconds. */
export type TimeFence = { readonly minimumSlaves: number; readonly maximumLagSeconds: number };

/**
 * Who may write with a published acknowledgement count: Redis user `w-<version>`; and when the master stops for
 * everybody, those that do not wait included (null: never).
 */
export type ProducerGrant = { readonly syncSetVersion: number; readonly timeFence: TimeFence | null };

export type SteerAction =
  /**
   * Stops every acknowledgement that this server could give or help to give: inbound replication users deleted,
   * producers' users deleted, it follows nobody (Redis: the blackhole), clients that wrote are cut off when
   * `killClients`. Makes the server's file safe first where it is not yet (`prepare`: adoption only). The report
   * is read after revoking.
   */
  | { readonly kind: 'revoke'; readonly killClients: boolean; readonly prepare: boolean }
  /**
   * Makes the server a master. Inbound users become exactly those of `members`; `expected` is verified before
   * and the role, incarnation and offset after. The report carries the new lineage.
   */
  | {
      readonly kind: 'promote';
      readonly epoch: Epoch;
      readonly expectedIncarnation: Incarnation;
      readonly minimumOffset: bigint;
      readonly members: readonly ReplicaId[];
      readonly producer: ProducerGrant;
    }
  /**
   * On a running master (or a member that an observer is chained below): inbound users become exactly those of
   * `members`, the producers' users become exactly `producer` and its time fence holds (null: none, and the fence stays). Refused when the server is another incarnation.
   */
  | {
      readonly kind: 'grant';
      readonly expectedIncarnation: Incarnation;
      readonly members: readonly ReplicaId[];
      readonly producer: ProducerGrant | null;
    }
  /** Follow `master`, as this replica's own inbound user there. Refused when the server is another incarnation. */
  | { readonly kind: 'attach'; readonly expectedIncarnation: Incarnation; readonly masterAddress: string }
  /** Hold back writes for at most `forMs` (planned moves); `resume` ends that. */
  | { readonly kind: 'pauseWrites'; readonly forMs: number }
  | { readonly kind: 'resumeWrites' }
  /**
   * Look only: is this server fit to be taken on? With `proveWritable` its file, unless it is prepared, is written as
   * the server runs, because nothing else tells whether it can be; nothing else is changed.
   */
  | { readonly kind: 'inspect'; readonly proveWritable?: boolean }
  /**
   * Is the server of a running group as the promise leans on? What is wrong in memory is put right. `master`: what the
   * master confirmed last; null for any other server. With `writeFile` a slave's file is written as it was when the
   * server was taken on. Refused when the server is another incarnation.
   */
  | {
      readonly kind: 'check';
      readonly expectedIncarnation: Incarnation;
      readonly master: { readonly members: readonly ReplicaId[]; readonly producer: ProducerGrant } | null;
      readonly writeFile: boolean;
    }
  /**
   * Put aside what an old master wrote on `lineage` beyond `cut`, where the reign of `epoch` began, in a file of the node
   * that acts. It takes no write from then on. Bounded in bytes and time; refused when the server is another incarnation.
   */
  | {
      readonly kind: 'keepTail';
      readonly expectedIncarnation: Incarnation;
      readonly lineage: Lineage;
      readonly cut: bigint;
      readonly epoch: Epoch;
    }
  /** Give the server back as an ordinary one (group removed): grants gone, users of pollux gone. */
  | { readonly kind: 'release' };

/** What preflight found on one server. */
export type Inspection = {
  readonly report: ServerReport;
  readonly version: string;
  /** Path of the server's configuration file; null when it was started without one. */
  readonly configFile: string | null;
  /** The file already boots it fenced and holds the standing users. */
  readonly prepared: boolean;
  readonly keys: bigint;
  readonly persistence: 'none' | 'rdb' | 'aof' | 'both';
  readonly watchedBySentinel: boolean;
  /** Stable codes with a sentence each: why it can't be taken on. Empty when it is fit. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  /** What taking it on would change, a line each, in order. */
  readonly changes: readonly string[];
};

/** Something about a server that is not as it should be. */
export type Finding = {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** It is right again, in memory. */
  readonly mended: boolean;
  readonly advice: string;
};

export type ServerCheck = {
  readonly findings: readonly Finding[];
  /** Users outside the tier that may administrate: whether one of them is new is for the leader to say. */
  readonly administrators: readonly string[];
  /** How often this process was told to write its file. */
  readonly fileWrites: number;
  /** It was written by this look. */
  readonly fileWritten: boolean;
};

export type SteerOutcome =
  | { readonly kind: 'done'; readonly report: ServerReport | null }
  | { readonly kind: 'inspected'; readonly inspection: Inspection }
  | { readonly kind: 'checked'; readonly check: ServerCheck }
  | { readonly kind: 'tailKept'; readonly tail: KeptTail }
  /** `unreachable`: perhaps not even sent. `mismatch`: the server is not what was expected. `refused`: it answered with an error. */
  | {
      readonly kind: 'failed';
      readonly reason: 'unreachable' | 'mismatch' | 'refused' | 'superseded';
      readonly detail: string;
    };

export type SteerRequest = {
  readonly steerId: number;
  readonly term: Term;
  /**
   * Which way to the server the leader took, of those in its term: a later one is a greater number and silences what
   * is still under way on earlier ones, however long a node or a network holds that back.
   */
  readonly path: number;
  readonly target: SteerTarget;
  readonly action: SteerAction;
};

export type SteerResult = {
  readonly steerId: number;
  readonly term: Term;
  readonly ref: ReplicaRef;
  readonly outcome: SteerOutcome;
};
