/**
 * State-machine safety: all nodes apply the same entries. What they make of them is compared with a model of the
 * key-value configuration that reads the entries by itself, and at the end every snapshot that was ever written, and
 * every disk, with a replay of all that was decided, from the first entry on.
 */
import { applyEncoded, createMetadata, markApplied } from '../../../src/core/metadata/apply.ts';
import { encodeSnapshot, restoreSnapshot } from '../../../src/core/metadata/snapshot.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftEntry, RaftSnapshot } from '../../../src/core/raft/types.ts';
import { demand } from '../world/violation.ts';
import { isSameEntry, keyValueCommandOf, nameOf } from './entries.ts';
import type { Oracle, Overview } from './oracle.ts';

type KeyValues = ReadonlyMap<string, string>;
type Store = ReturnType<typeof createMetadata>;

const REPLAY = 'snapshot and tail equal a full replay';

function after(before: KeyValues, entry: RaftEntry): KeyValues {
  const command = keyValueCommandOf(entry);
  if (command === null) return before;
  const values = new Map(before);
  if (command.type === 'keyValue.set') values.set(command.key, command.value);
  else values.delete(command.key);
  return values;
}

function areEqual(one: KeyValues, other: KeyValues): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}

type DiskState = { readonly node: NodeName; readonly index: number; readonly state: Uint8Array };

function groupedByIndex(states: readonly DiskState[]): ReadonlyMap<number, readonly DiskState[]> {
  const groups = new Map<number, DiskState[]>();
  for (const one of states) groups.set(one.index, [...(groups.get(one.index) ?? []), one]);
  return groups;
}

function apply(store: Store, entry: RaftEntry): void {
  if (entry.kind === 'empty') markApplied(store, entry);
  else applyEncoded(store, entry.data, entry);
}

export function appliedState(): Oracle {
  let overview: Overview = { nodes: [], decided: [] };
  /** The model after each index. */
  const models: KeyValues[] = [new Map()];
  const snapshots = new Map<number, Set<RaftSnapshot>>();
  const seen = new Map<NodeName, { appliedIndex: number; routesRevision: number }>();

  const sameAsReplay = (store: Store): void => {
    for (const { data } of snapshots.get(store.appliedIndex) ?? []) {
      demand(
        Buffer.compare(data, encodeSnapshot(store)) === 0,
        REPLAY,
        () => `the snapshot at ${store.appliedIndex} is not what the log leads to`,
      );
    }
  };

  /** What each disk leads to, by the entry up to which it goes: a life may end while a disk is one behind. */
  const statesOfDisks = (): ReadonlyMap<number, readonly DiskState[]> =>
    groupedByIndex(
      overview.nodes.map((node) => {
        const { snapshot, entries } = node.disk.read();
        const store = snapshot === null ? createMetadata() : restoreSnapshot(snapshot.data);
        for (const entry of entries) if (entry.index <= overview.decided.length) apply(store, entry);
        return { node: node.name, index: store.appliedIndex, state: encodeSnapshot(store) };
      }),
    );

  return {
    begin(everything) {
      overview = everything;
    },
    started(node) {
      seen.set(node.name, { appliedIndex: 0, routesRevision: 0 });
    },
    persisted(_node, { snapshot }) {
      if (snapshot === null) return;
      const others = snapshots.get(snapshot.index) ?? new Set();
      others.add(snapshot);
      snapshots.set(snapshot.index, others);
    },
    decided(_node, entry) {
      models.push(after(models.at(-1) ?? new Map(), entry));
    },
    applied(node, entry) {
      const decision = overview.decided[entry.index - 1];
      demand(
        decision !== undefined && isSameEntry(decision, entry),
        'state-machine safety',
        () =>
          `${node.name} applied ${nameOf(entry)}, another node ${decision ? nameOf(decision) : 'nothing'}`,
      );
    },
    stepped(node) {
      const before = seen.get(node.name);
      const { appliedIndex, keyValues } = node.loop().state();
      if (before === undefined || before.appliedIndex === appliedIndex) return;
      before.appliedIndex = appliedIndex;
      demand(
        areEqual(keyValues, models[appliedIndex] ?? new Map()),
        'applied prefixes agree',
        () => `${node.name} holds another state at ${appliedIndex}`,
      );
      const routesRevision = node.loop().routesRevision();
      demand(
        routesRevision >= before.routesRevision && routesRevision <= appliedIndex,
        'revisions never go back',
        () => `${node.name} goes from revision ${before.routesRevision} to ${routesRevision}`,
      );
      before.routesRevision = routesRevision;
    },
    ended() {
      const store = createMetadata();
      const disks = statesOfDisks();
      for (const entry of overview.decided) {
        apply(store, entry);
        if (snapshots.has(entry.index)) sameAsReplay(store);
        for (const { node, state } of disks.get(entry.index) ?? [])
          demand(
            Buffer.compare(state, encodeSnapshot(store)) === 0,
            REPLAY,
            () => `the disk of ${node} leads to another state at ${entry.index}`,
          );
      }
    },
  };
}
