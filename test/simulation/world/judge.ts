/**
 * Tells the oracles what happened. It finds out by itself what no effect says: who began to lead, and what was applied,
 * by looking at the node's public state after every step and at its disk for the entries.
 */
import type { RaftEntry } from '../../../src/core/raft/types.ts';
import type { Oracle, Overview } from '../oracles/oracle.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { demand } from './violation.ts';

/** What was last seen of a life of a node. */
type Seen = { appliedIndex: number; ledTerm: number };

export class Judge {
  readonly oracles: readonly Oracle[];
  readonly decided: RaftEntry[] = [];
  #leaders = 0;
  #restores = 0;
  readonly #seen = new Map<SimulatedNode, Seen>();

  constructor(oracles: readonly Oracle[]) {
    this.oracles = oracles;
  }

  get counts(): Readonly<Record<string, number>> {
    const all: Record<string, number> = {
      decided: this.decided.length,
      leaders: this.#leaders,
      restores: this.#restores,
    };
    for (const { counts } of this.oracles) Object.assign(all, counts);
    return all;
  }

  begin(nodes: readonly SimulatedNode[]): void {
    const overview: Overview = { nodes, decided: this.decided };
    for (const oracle of this.oracles) oracle.begin?.(overview);
  }

  started(node: SimulatedNode): void {
    const { appliedIndex } = node.loop().state();
    demand(
      appliedIndex === node.disk.snapshotIndex,
      'a node starts from its snapshot',
      () => `${node.name} starts at ${appliedIndex}, its snapshot is at ${node.disk.snapshotIndex}`,
    );
    this.#seen.set(node, { appliedIndex, ledTerm: 0 });
    for (const oracle of this.oracles) oracle.started?.(node);
  }

  /** True when the node has just begun to lead. */
  stepped(node: SimulatedNode): boolean {
    const seen = this.#seen.get(node);
    if (seen === undefined) return false;
    const { role, term } = node.status();
    const begins = role === 'leader' && seen.ledTerm !== term;
    if (begins) {
      seen.ledTerm = term;
      this.#leaders += 1;
      for (const oracle of this.oracles) oracle.elected?.(node, term);
    }
    const { appliedIndex } = node.loop().state();
    if (appliedIndex !== seen.appliedIndex) this.#appliedUpTo(node, seen, appliedIndex);
    for (const oracle of this.oracles) oracle.stepped?.(node);
    return begins;
  }

  #appliedUpTo(node: SimulatedNode, seen: Seen, appliedIndex: number): void {
    const { disk, name } = node;
    demand(
      appliedIndex > seen.appliedIndex,
      'applied never goes back',
      () => `${name} goes back from ${seen.appliedIndex} to ${appliedIndex}`,
    );
    // Its own snapshot never covers more than was applied; this one came from a leader.
    if (disk.snapshotIndex > seen.appliedIndex) {
      seen.appliedIndex = disk.snapshotIndex;
      this.#restores += 1;
      for (const oracle of this.oracles) oracle.restored?.(node, disk.snapshotIndex);
    }
    while (seen.appliedIndex < appliedIndex) {
      const index = seen.appliedIndex + 1;
      const entry = disk.entries.get(index);
      demand(
        entry !== undefined,
        'applied entries are on the own disk',
        () => `${name} applied ${index}, its disk ends at ${disk.lastIndex}`,
      );
      seen.appliedIndex = index;
      this.#applied(node, entry);
    }
  }

  #applied(node: SimulatedNode, entry: RaftEntry): void {
    if (entry.index > this.decided.length) {
      this.decided.push(entry);
      for (const oracle of this.oracles) oracle.decided?.(node, entry);
    }
    for (const oracle of this.oracles) oracle.applied?.(node, entry);
  }
}
