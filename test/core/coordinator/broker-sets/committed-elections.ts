/**
 * An oracle that reads what was committed off the nodes' disks and applies it once more: only members of the committed
 * sync state set come to reign, each in an epoch of its own, and epochs only grow.
 */
import assert from 'node:assert/strict';
import { applyCommand, createMetadata } from '../../../../src/core/metadata/apply.ts';
import { decodeCommand } from '../../../../src/core/metadata/command-codec.ts';
import type { NodeName } from '../../../../src/core/primitives/identifiers.ts';
import type { RaftEntry } from '../../../../src/core/raft/types.ts';
import { NAME } from './broker-signs.ts';

export class CommittedElections {
  readonly #logs = new Map<NodeName, Map<number, RaftEntry>>();

  written(node: NodeName, entries: readonly RaftEntry[]): void {
    const log = this.#logs.get(node) ?? new Map<number, RaftEntry>();
    this.#logs.set(node, log);
    const first = entries[0]?.index ?? Number.POSITIVE_INFINITY;
    for (const index of [...log.keys()]) if (index >= first) log.delete(index);
    for (const entry of entries) log.set(entry.index, entry);
  }

  /** By the log of this node, which has applied it up to there. */
  judge(node: NodeName, appliedIndex: number): void {
    const store = createMetadata();
    const reigns = new Map<number, number>();
    const log = [...(this.#logs.get(node) ?? [])].sort(([one], [other]) => one - other);
    for (const [index, entry] of log) {
      if (entry.kind === 'empty' || index > appliedIndex) continue;
      const command = decodeCommand(entry.data, index);
      const before = store.brokerSets.get(NAME);
      const result = applyCommand(store, command, { index, term: entry.term });
      const after = store.brokerSets.get(NAME);
      if (before === undefined || after === undefined) continue;
      assert.ok(after.masterEpoch >= before.masterEpoch, 'epochs only grow');
      if (command.type !== 'brokerSet.elect' || !result.ok) continue;
      assert.ok(after.masterEpoch > before.masterEpoch, 'a reign has an epoch of its own');
      assert.ok(!reigns.has(after.masterEpoch), `two reigns of epoch ${after.masterEpoch}`);
      reigns.set(after.masterEpoch, command.master);
      const isMember = before.syncStateSet.includes(command.master);
      assert.ok(isMember || before.syncStateSet.length === 0, `${command.master} holds everything`);
    }
    assert.ok(reigns.size > 0, 'an election was seen');
  }
}
