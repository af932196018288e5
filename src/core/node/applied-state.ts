/**
 * The replicated state of this node, changed by committed entries in log order and by nothing else. Its store is
 * replaced as a whole by a snapshot, so readers ask for it anew each time.
 */

import { type AppliedCommand, applyCommand, createMetadata, markApplied } from '../metadata/apply.ts';
import { decodeCommand } from '../metadata/command-codec.ts';
import { findGroup, routesDependOn } from '../metadata/queries.ts';
import { encodeSnapshot, restoreSnapshot } from '../metadata/snapshot.ts';
import type { MetadataState } from '../metadata/state.ts';
import type { RaftEntry, RaftSnapshot } from '../raft/types.ts';

export class AppliedState {
  #store = createMetadata();
  #routesRevision = 0;

  constructor(snapshot: RaftSnapshot | null) {
    if (snapshot !== null) this.restore(snapshot);
  }

  state(): MetadataState {
    return this.#store;
  }

  /** Log index of the newest change that any route depends on. */
  routesRevision(): number {
    return this.#routesRevision;
  }

  restore(snapshot: RaftSnapshot): void {
    this.#store = restoreSnapshot(snapshot.data);
    this.#routesRevision = this.#store.appliedIndex;
  }

  /** Null for an entry without a command. A command that cannot be read is a broken invariant and throws. */
  apply(entry: RaftEntry): AppliedCommand | null {
    const at = { index: entry.index, term: entry.term };
    if (entry.kind === 'empty') {
      markApplied(this.#store, at);
      return null;
    }
    const command = decodeCommand(entry.data, entry.index);
    const named = command.type === 'group.remove' ? findGroup(this.#store, command.key) : null;
    const result = applyCommand(this.#store, command, at);
    if (result.ok && routesDependOn(command.type)) this.#routesRevision = entry.index;
    return { command, result, removed: result.ok ? named : null };
  }

  encoded(): Uint8Array {
    return encodeSnapshot(this.#store);
  }
}
