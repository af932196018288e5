/**
 * What a leader knows of one follower. Invariant: matchIndex < nextIndex.
 *
 *  - probe: where the logs agree is a guess; one append at a time until one is taken;
 *  - replicate: they agree up to matchIndex, and appends are sent ahead of their answers;
 *  - snapshot: the entries that the follower needs are gone here; chunks of a snapshot go out one by one.
 */
import { assert } from '../primitives/assert.ts';
import { InFlight, type InFlightLimits } from './in-flight.ts';
import type { RaftSnapshot } from './types.ts';

export type SnapshotTransfer = {
  readonly snapshot: RaftSnapshot;
  /** Bytes that the follower is known to hold. */
  offset: number;
  /** Round and time of the chunk that is under way; round 0 when none is. Only its own answer moves the offset. */
  chunkRound: number;
  chunkSentMs: number;
};

export class Progress {
  readonly inFlight: InFlight;
  matchIndex = 0;
  nextIndex: number;
  /** Highest round that the follower has answered. */
  answeredRound = 0;
  heardMs: number;
  /** Highest commit index that an append has carried to it. */
  sentCommitIndex = 0;
  /** A probe is under way. */
  probeSent = false;
  #phase: 'probe' | 'replicate' | 'snapshot' = 'probe';
  #transfer: SnapshotTransfer | null = null;

  constructor(nextIndex: number, nowMs: number, limits: InFlightLimits) {
    this.nextIndex = nextIndex;
    this.heardMs = nowMs;
    this.inFlight = new InFlight(limits);
  }

  get phase(): 'probe' | 'replicate' | 'snapshot' {
    return this.#phase;
  }

  get transfer(): SnapshotTransfer | null {
    return this.#transfer;
  }

  probeFrom(nextIndex: number): void {
    assert(this.matchIndex < nextIndex, `next ${nextIndex} is not past match ${this.matchIndex}`);
    this.#enter('probe');
    this.nextIndex = nextIndex;
  }

  replicate(): void {
    this.#enter('replicate');
    this.nextIndex = this.matchIndex + 1;
  }

  sendSnapshot(snapshot: RaftSnapshot): void {
    this.#enter('snapshot');
    this.#transfer = { snapshot, offset: 0, chunkRound: 0, chunkSentMs: 0 };
  }

  /** True when this is news. */
  matched(index: number): boolean {
    if (index <= this.matchIndex) return false;
    this.matchIndex = index;
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    this.inFlight.freeThrough(index);
    return true;
  }

  #enter(phase: 'probe' | 'replicate' | 'snapshot'): void {
    this.#phase = phase;
    this.probeSent = false;
    this.sentCommitIndex = 0;
    this.inFlight.clear();
    this.#transfer = null;
  }
}
