/**
 * Every way between the node's loop and the world, by name. The loop is pure: inputs go in with the time, effects
 * come out. Each effectful port has a real implementation and an in-memory twin; one suite runs on both.
 */

import type { WatchTarget } from '../coordinator/effects.ts';
import type { SteerRequest, SteerResult, SteerTarget } from '../failover/steering.ts';
import type { Observation } from '../liveness/observation.ts';
import type { KeptTail } from '../metadata/state.ts';
import type { Epoch, GroupKey, NodeName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { PersistBatch, RestoredLog } from '../raft/types.ts';
import type { PeerMessage } from './peer-message.ts';

/** Monotonic and wall time. */
export type ClockPort = { now(): Instant };

/** Waiting, so that tests and the simulator move time by hand. */
export type TimerPort = {
  /** Runs `action` once after `delayMs`; the returned function takes that back. */
  after(delayMs: number, action: () => void): () => void;
};

/**
 * The disk. `persist` resolves when the batch survives a power cut; batches are written in call order. It
 * rejects only when the promise cannot be kept: the process must then end.
 */
export type LogPort = {
  /** Reads everything back; refuses (throws DamagedLogError) what it cannot trust. */
  load(): Promise<RestoredLog>;
  persist(batch: PersistBatch): Promise<void>;
  close(): Promise<void>;
};

/**
 * Messages to peers: unordered, unreliable, never blocking; a message to an unreachable peer is dropped. None arrives
 * twice: a client's request that was passed on must not be carried out again.
 */
export type TransportPort = {
  send(to: NodeName, message: PeerMessage): void;
  onMessage(handler: (from: NodeName, message: PeerMessage) => void): void;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** What is kept of an old master's stream. */
export type TailNote = Omit<KeptTail, 'node' | 'file' | 'sha256'> & {
  readonly group: GroupKey;
  readonly epoch: Epoch;
};

/** Where a node keeps such tails; within its bounds the oldest go. */
export type TailPort = {
  /** Resolves when it survives a power cut. */
  keep(note: TailNote, bytes: Uint8Array): Promise<Pick<KeptTail, 'node' | 'file' | 'sha256'>>;
};

/** One kind of broker. Drivers never decide; they look, and do what they are told. */
export type DriverPort = {
  /** The complete set of replicas of this kind to probe from now on; called again whenever it changes. */
  watch(targets: readonly WatchTarget[]): void;
  /** Called for every observation of an established or fresh probe. */
  onObservation(handler: (observation: Observation) => void): void;
  /** One probe on a new connection, answered within `timeoutMs`. */
  probeFresh(target: SteerTarget, timeoutMs: number): Promise<Observation>;
  /** Performs one action; never rejects. */
  steer(request: SteerRequest): Promise<SteerResult>;
  close(): Promise<void>;
};
