/**
 * Placeholder of the consensus core: the signature is settled, the room's owner writes the body.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { SeededRandom } from '../primitives/seeded-random.ts';
import type { Acknowledged, RaftMessage, RaftOptions, RaftStatus, Ready, RestoredLog } from './types.ts';

export type RaftCore = {
  /** Time passed: elections, heartbeats, check-quorum, lost snapshot answers. */
  tick(nowMs: number): void;
  /** A message of a peer. Messages that claim to come from this node itself, or from no voter, are ignored. */
  step(from: NodeName, message: RaftMessage, nowMs: number): void;
  /** Appends commands when leader; returns the index of each, or null when not leader (nothing was taken). */
  propose(commands: readonly Uint8Array[], nowMs: number): { readonly term: number; readonly indexes: readonly number[] } | null;
  /** Asks for a linearizable read; leader only, false when not leader. Its answer appears in `Acknowledged`. */
  requestRead(readId: number, nowMs: number): boolean;
  /** Hands leadership to a caught-up voter; false when not leader or no voter is fit. */
  transferLeadership(to: NodeName | null, nowMs: number): boolean;
  /** The state up to `index` is in `data`; older entries may go. Yields its persist batch in the next Ready. */
  compact(index: number, data: Uint8Array): void;
  hasReady(): boolean;
  takeReady(): Ready;
  acknowledge(): Acknowledged;
  status(): RaftStatus;
};

export type CreateRaftCore = (options: RaftOptions, restored: RestoredLog, random: SeededRandom, nowMs: number) => RaftCore;
