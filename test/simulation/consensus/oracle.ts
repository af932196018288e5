/**
 * Judges a run of the cluster by what Raft promises, from the outside: messages on the wire, disks, applied entries,
 * and what leaders say of their lease. It shares no code with the consensus core, only the shape of its messages.
 */
import assert from 'node:assert/strict';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftEntry, RaftMessage } from '../../../src/core/raft/types.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

type Decision = { readonly term: number; readonly data: string; readonly decidedByTerm: number };

export type Leader = { readonly node: NodeName; readonly term: number; readonly leaseHolds: boolean };

export class Oracle {
  readonly #leaderOfTerm = new Map<number, NodeName>();
  readonly #votes = new Map<string, NodeName>();
  readonly #written = new Map<string, { readonly data: string; readonly previousTerm: number }>();
  readonly #decisions: Decision[] = [];
  readonly #chain: number[] = [0];

  /** Entries known to be committed. */
  get decided(): number {
    return this.#decisions.length;
  }

  /** Digest of everything applied up to `index`. */
  digestAt(index: number): number {
    const digest = this.#chain[index];
    assert.ok(digest !== undefined, `nothing was decided at ${index} yet`);
    return digest;
  }

  /** No double vote, not even over a crash: a vote is what others could see of it. */
  sent(from: NodeName, to: NodeName, message: RaftMessage): void {
    if (message.type === 'vote') this.#voted(from, message.term, from);
    if (message.type === 'voteReply' && message.granted) this.#voted(from, message.term, to);
  }

  /** Log matching: an index and a term name one entry and one predecessor; so, by induction, one log up to there. */
  persisted(node: NodeName, disk: SimulatedDisk, entries: readonly RaftEntry[]): void {
    for (const { index, term, data } of entries) {
      const previous =
        disk.entries.get(index - 1)?.term ?? (disk.snapshot?.index === index - 1 ? disk.snapshot.term : 0);
      const key = `${index}:${term}`;
      const text = textOf(data);
      const seen = this.#written.get(key);
      if (seen === undefined) this.#written.set(key, { data: text, previousTerm: previous });
      else
        assert.deepEqual(
          { data: text, previousTerm: previous },
          seen,
          `log matching: entry ${key} on ${node}`,
        );
    }
  }

  /** Election safety and leader completeness; and nobody is elected under another's lease. */
  elected(node: NodeName, term: number, disk: SimulatedDisk, others: readonly Leader[]): void {
    const other = this.#leaderOfTerm.get(term);
    assert.ok(
      other === undefined || other === node,
      `election safety: ${other} and ${node} lead term ${term}`,
    );
    this.#leaderOfTerm.set(term, node);
    const held = disk.snapshot?.index ?? 0;
    for (let index = held + 1; index <= this.decided; index += 1) {
      const decision = this.#decisions[index - 1];
      if (decision === undefined || decision.decidedByTerm >= term) continue;
      assert.equal(
        disk.entries.get(index)?.term,
        decision.term,
        `leader completeness: ${node} leads term ${term} without entry ${index}`,
      );
    }
    this.#noLeaseBelow(term, others, `${node} was elected in term ${term}`);
  }

  /** State-machine safety; and nothing is committed in a later term under a lease. */
  applied(node: NodeName, nodeTerm: number, entry: RaftEntry, leaders: readonly Leader[]): void {
    const data = textOf(entry.data);
    const decision = this.#decisions[entry.index - 1];
    if (decision !== undefined) {
      assert.deepEqual(
        { term: entry.term, data },
        { term: decision.term, data: decision.data },
        `state-machine safety: entry ${entry.index} on ${node}`,
      );
      return;
    }
    assert.equal(entry.index, this.decided + 1, `${node} applies without a gap`);
    this.#decisions.push({ term: entry.term, data, decidedByTerm: nodeTerm });
    this.#chain.push(chained(this.digestAt(entry.index - 1), entry.term, data));
    this.#noLeaseBelow(entry.term, leaders, `entry ${entry.index} of term ${entry.term} was committed`);
  }

  /** A linearizable read sees everything that was committed when it was asked for. */
  readConfirmed(node: NodeName, index: number, decidedWhenAsked: number): void {
    assert.ok(
      index >= decidedWhenAsked,
      `stale read on ${node}: ${index}, but ${decidedWhenAsked} was decided`,
    );
  }

  #voted(voter: NodeName, term: number, candidate: NodeName): void {
    const key = `${voter}:${term}`;
    const earlier = this.#votes.get(key);
    assert.ok(earlier === undefined || earlier === candidate, `double vote: ${voter} in term ${term}`);
    this.#votes.set(key, candidate);
  }

  #noLeaseBelow(term: number, leaders: readonly Leader[], what: string): void {
    for (const leader of leaders)
      assert.ok(
        leader.term >= term || !leader.leaseHolds,
        `${what} under the lease of ${leader.node}, term ${leader.term}`,
      );
  }
}

/** One more entry on top of a digest. */
export function chained(digest: number, term: number, data: string): number {
  let hash = Math.imul(digest ^ term, 0x01000193);
  for (let position = 0; position < data.length; position += 1)
    hash = Math.imul(hash ^ data.charCodeAt(position), 0x01000193);
  return hash >>> 0;
}

export const textOf = (data: Uint8Array): string => Buffer.from(data).toString('latin1');
