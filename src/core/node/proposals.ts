/**
 * Commands on their way into the log. What arrives in one go is appended in one go, and whoever asked is either noted
 * as waiting for its place in the log or told at once that the command was not taken.
 */
import type { CoordinatorEffect } from '../coordinator/effects.ts';
import { encodeCommand } from '../metadata/command-codec.ts';
import type { Instant } from '../primitives/instant.ts';
import { refused } from '../primitives/refusal.ts';
import type { RaftCore } from '../raft/raft-core.ts';
import type { Outgoing } from './outgoing.ts';
import type { PendingRequests } from './pending-requests.ts';

export type Proposal = Extract<CoordinatorEffect, { kind: 'propose' }>;

const NONE: readonly Proposal[] = [];

export class Proposals {
  #gathered: Proposal[] = [];

  get count(): number {
    return this.#gathered.length;
  }

  add(proposal: Proposal): void {
    this.#gathered.push(proposal);
  }

  /** Appends everything gathered; returns it where consensus did not take it. */
  appendTo(raft: RaftCore, pending: PendingRequests, out: Outgoing, now: Instant): readonly Proposal[] {
    if (this.count === 0) return NONE;
    const proposals = this.#gathered;
    this.#gathered = [];
    const encoded = proposals.map(({ command }) => encodeCommand(command));
    const appended = raft.propose(encoded, now.monotonicMs);
    proposals.forEach(({ asker }, position) => {
      if (asker === null) return;
      const index = appended?.indexes[position];
      if (appended === null || index === undefined) {
        const why = 'Leadership moved before the command was taken; nothing was changed.';
        out.answer(asker, refused('notLeader', why));
      } else pending.waitForCommit(index, appended.term, asker, now.monotonicMs);
    });
    return appended === null ? proposals : NONE;
  }
}
