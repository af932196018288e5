/** What a node does with its leader's entries and snapshots. The caller has made the sender its leader. */
import { assert } from '../primitives/assert.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { NodeState } from './node-state.ts';
import { SnapshotAssembly } from './snapshot-assembly.ts';
import type { RaftEntry, RaftMessage, RaftSnapshot } from './types.ts';

type Append = Extract<RaftMessage, { type: 'append' }>;
type Chunk = Extract<RaftMessage, { type: 'snapshotChunk' }>;
type Outcome = Extract<RaftMessage, { type: 'appendReply' }>['outcome'];

export class Follower {
  readonly #state: NodeState;
  readonly #assembly: SnapshotAssembly;

  constructor(state: NodeState) {
    this.#state = state;
    this.#assembly = new SnapshotAssembly(state.limits.snapshotBytes);
  }

  onAppend(from: NodeName, message: Append): void {
    const state = this.#state;
    // Until the snapshot is on disk nothing follows it; the leader sends again.
    if (state.durability.isReplacingLog) return;
    this.#answer(from, message.round, this.#judge(message));
  }

  onSnapshotChunk(from: NodeName, message: Chunk): void {
    const state = this.#state;
    if (state.durability.isReplacingLog) return;
    const { index, term } = message.snapshot;
    if (state.log.termAt(index) === term) state.learnCommit(index);
    // A snapshot of what this node has already is refused by saying how far it is.
    if (index <= state.commitIndex) {
      this.#assembly.drop();
      this.#answer(from, message.round, { accepted: true, matchIndex: state.commitIndex });
      return;
    }
    const taken = this.#assembly.take(from, message);
    if (taken === null) return;
    if (taken.snapshot !== null) this.#install(taken.snapshot);
    state.outbox.sendAfterPersist(from, {
      type: 'snapshotReply',
      term: state.term,
      snapshot: message.snapshot,
      receivedBytes: taken.receivedBytes,
      round: message.round,
    });
  }

  /** Tells a leader of an earlier term that it is deposed. */
  answerDeposed(from: NodeName, message: Append | Chunk): void {
    const { lastIndex, lastTerm } = this.#state.log;
    const rejectedIndex = message.type === 'append' ? message.previousIndex : message.snapshot.index;
    const outcome: Outcome = { accepted: false, rejectedIndex, hintIndex: lastIndex, hintTerm: lastTerm };
    this.#answer(from, message.round, outcome);
  }

  #judge({ previousIndex, previousTerm, entries, commitIndex }: Append): Outcome {
    const { log } = this.#state;
    // Committed entries are the same everywhere, so however old this message is, the leader has them too.
    if (previousIndex < this.#state.commitIndex)
      return { accepted: true, matchIndex: this.#state.commitIndex };
    if (log.termAt(previousIndex) !== previousTerm) {
      const hintIndex = log.lastOfTermAtMost(previousIndex, previousTerm);
      return {
        accepted: false,
        rejectedIndex: previousIndex,
        hintIndex,
        hintTerm: log.termAt(hintIndex) ?? 0,
      };
    }
    this.#take(entries);
    const matchIndex = previousIndex + entries.length;
    this.#state.learnCommit(Math.min(commitIndex, matchIndex));
    return { accepted: true, matchIndex };
  }

  /** Skips what is held already, cuts what contradicts, appends the rest. */
  #take(entries: readonly RaftEntry[]): void {
    const { log, durability, commitIndex } = this.#state;
    for (const entry of entries) {
      if (entry.index <= log.lastIndex) {
        if (log.termAt(entry.index) === entry.term) continue;
        assert(entry.index > commitIndex, `committed entry ${entry.index} would be replaced`);
        log.truncateFrom(entry.index);
        durability.cutFrom(entry.index);
      }
      log.append(entry);
    }
  }

  #install(snapshot: RaftSnapshot): void {
    const state = this.#state;
    state.durability.leadersSnapshot(snapshot, state.commitIndex);
    state.log.resetTo(snapshot);
    state.snapshot = snapshot;
    state.learnCommit(snapshot.index);
  }

  #answer(to: NodeName, round: number, outcome: Outcome): void {
    const { outbox, term } = this.#state;
    outbox.sendAfterPersist(to, { type: 'appendReply', term, round, outcome });
  }
}

/** Whether the entries follow what the message says they follow, without a gap, in terms that its sender may have. */
export function isWellFormed({ term, previousIndex, previousTerm, entries }: Append): boolean {
  let index = previousIndex;
  let lowestTerm = previousTerm;
  for (const entry of entries) {
    index += 1;
    if (entry.index !== index || entry.term < lowestTerm) return false;
    lowestTerm = entry.term;
  }
  return lowestTerm <= term;
}
