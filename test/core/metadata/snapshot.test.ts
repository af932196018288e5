import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { applyCommand, createMetadata } from '../../../src/core/metadata/apply.ts';
import type { Command } from '../../../src/core/metadata/command.ts';
import { decodeCommand, encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import { highestEpoch } from '../../../src/core/metadata/queries.ts';
import { encodeSnapshot, restoreSnapshot } from '../../../src/core/metadata/snapshot.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import type { MutableMetadata } from '../../../src/core/metadata/store.ts';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { epoch, groupKey, groupName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { addGroup, addTopic, bootstrap, contentOf, Ledger, MAIN, reigning } from './ledger.ts';
import { commandOf, type Intent, intents } from './random-commands.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Judges a group by what the state promises, with none of the code that keeps the promises. */
function assertSound(group: BrokerGroup): void {
  const ids = group.replicas.map((replica) => replica.id);
  const versions = group.syncSets.map((set) => set.version);
  assert.ok(versions.every((version, position) => position === 0 || version > (versions[position - 1] ?? 0)));
  assert.ok(group.syncSets.length <= LIMITS.rulesInForce);
  assert.ok(group.reigns.length <= LIMITS.reignsPerGroup);
  assert.equal(group.master === null, group.epoch === 0);
  if (group.epoch > 0) {
    const reign = group.reigns.at(-1);
    assert.deepEqual([reign?.epoch, reign?.master], [group.epoch, group.master]);
    assert.ok(group.syncSets.length > 0);
  }
  if (group.phase.kind === 'active') {
    const last = group.syncSets.at(-1);
    assert.equal(last?.epoch, group.epoch);
    assert.ok(
      last?.members.every((member) => member.replica !== group.master && ids.includes(member.replica)),
    );
  } else assert.ok(group.phase.epoch > group.epoch);
}

/** How a group may change by one command. */
function assertStep(before: BrokerGroup, after: BrokerGroup, command: Command): void {
  assert.ok(highestEpoch(after) >= highestEpoch(before));
  if (command.type === 'group.take') {
    // As one that was just declared, but above every epoch that it was seen in.
    assert.deepEqual([before.watchOnly, after.watchOnly, after.epoch], [true, false, 0]);
    assert.ok(highestEpoch(after) > highestEpoch(before));
    return;
  }
  assert.equal(after.watchOnly, before.watchOnly);
  assert.ok(after.epoch >= before.epoch);
  const lastVersion = (group: BrokerGroup): number => group.syncSets.at(-1)?.version ?? 0;
  assert.ok(lastVersion(after) >= lastVersion(before));
  const moves = [
    'fencing>fencing',
    'promoting>fencing',
    'active>fencing',
    'fencing>promoting',
    'promoting>active',
  ];
  const move = `${before.phase.kind}>${after.phase.kind}`;
  if (command.type === 'group.observe') {
    assert.ok(before.watchOnly && after.phase.kind === 'active');
    return;
  }
  if (before.watchOnly) assert.deepEqual(after.phase, before.phase);
  const isPhaseCommand = ['group.fence', 'group.promote', 'group.activate'].includes(command.type);
  if (isPhaseCommand) assert.ok(moves.includes(move), move);
  else
    assert.deepEqual([after.phase, after.epoch, after.master], [before.phase, before.epoch, before.master]);
}

/** Judges the drills by their rows, with none of the code that counts them. */
function assertDrills(store: MutableMetadata): void {
  const newest = store.drills.at(-1);
  assert.ok(store.drills.length <= LIMITS.drillsKept);
  assert.ok(store.drills.slice(0, -1).every(({ outcome }) => outcome !== 'running'));
  if (newest === undefined) return;
  const states = [...store.drillMoves.values()].map(({ state }) => state);
  for (const [state, count] of Object.entries(newest.counts)) {
    assert.equal(
      count,
      states.filter((one) => one === state).length,
      `${state} in ${JSON.stringify(newest)}`,
    );
  }
  const open = states.filter((state) => state === 'waiting' || state === 'moving').length;
  assert.equal(newest.outcome === 'running', open > 0);
  assert.ok(newest.counts.moving <= newest.parallel);
  assert.ok([...store.drillMoves.keys()].every((key) => store.groups.has(key)));
  if (
    newest.kind === 'evacuation' &&
    newest.outcome === 'completed' &&
    store.idcStates.get(newest.idc) !== 'drained'
  )
    assert.fail('an IDC that was emptied is drained');
}

/** Applies the walk; returns its commands as the log holds them. */
function walk(store: MutableMetadata, steps: readonly Intent[]): Uint8Array[] {
  return steps.map((intent, position) => {
    const encoded = encodeCommand(commandOf(store, intent, position));
    const command = decodeCommand(encoded);
    const before = new Map(store.groups);
    const content = contentOf(store);
    const result = applyCommand(store, command, { index: position + 1, term: 1 });
    if (!result.ok)
      assert.equal(contentOf(store), content, `${command.type} was refused, yet changed the state`);
    assertDrills(store);
    for (const [key, group] of store.groups) {
      assertSound(group);
      const earlier = before.get(key);
      if (earlier !== undefined && earlier !== group) assertStep(earlier, group, command);
    }
    return encoded;
  });
}

const replay = (store: MutableMetadata, log: readonly Uint8Array[], from: number): MutableMetadata => {
  for (const [offset, encoded] of log.slice(from).entries()) {
    applyCommand(store, decodeCommand(encoded), { index: from + offset + 1, term: 1 });
  }
  return store;
};

test('any walk keeps every promise of the state, and a snapshot with the rest of the log equals the whole log', () => {
  const accepted = new Map<string, number>();
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(intents, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      const whole = createMetadata();
      const log = walk(whole, steps);
      for (const group of whole.groups.values())
        accepted.set(group.name, Math.max(group.epoch, accepted.get(group.name) ?? 0));
      for (const { outcome } of whole.drills) outcomes.add(outcome);
      const cut = Math.floor(share * log.length);
      const snapshot = encodeSnapshot(replay(createMetadata(), log.slice(0, cut), 0));
      const restored = restoreSnapshot(snapshot);
      assert.equal(text(encodeSnapshot(restored)), text(snapshot));
      assert.equal(text(encodeSnapshot(replay(restored, log, cut))), text(encodeSnapshot(whole)));
    }),
    { numRuns: 60 },
  );
  // A walk that never gets anywhere would prove nothing.
  assert.ok(Math.max(...accepted.values()) >= 3, `highest epoch ${[...accepted.values()]}`);
  assert.ok(outcomes.has('completed') && outcomes.has('aborted'), [...outcomes].join());
});

test('a restored store is the same to its readers, not only as bytes', () => {
  const { store } = reigning().accept(addTopic(), { type: 'keyValue.set', key: 'a', value: '1' });
  store.behaviourFlags.add(2);
  assert.deepEqual(restoreSnapshot(encodeSnapshot(store)), store);
});

test('equal states give equal bytes whatever order they were built in', () => {
  const set = (key: string) => ({ type: 'keyValue.set', key, value: 'x' }) as const;
  const one = new Ledger().accept(bootstrap, addGroup(), addGroup('stock', 9_000), set('a'), set('b'));
  const other = restoreSnapshot(encodeSnapshot(one.store));
  const [first, second] = [...other.groups];
  assert.ok(first && second);
  other.groups = new Map([second, first]);
  other.keyValues = new Map([...other.keyValues].reverse());
  other.groups.set(first[0], { ...first[1], labels: { z: '1', a: '2' } });
  one.store.groups.set(first[0], { labels: { a: '2', z: '1' }, ...omitLabels(first[1]) });
  assert.equal(text(encodeSnapshot(other)), text(encodeSnapshot(one.store)));
});

function omitLabels({ labels: _labels, ...rest }: BrokerGroup): Omit<BrokerGroup, 'labels'> {
  return rest;
}

test('damaged bytes end the process', () => {
  const snapshot = encodeSnapshot(reigning().store);
  assert.throws(() => restoreSnapshot(snapshot.subarray(0, -1)), InvariantError);
  const negative = Buffer.from(text(snapshot).replace('"appliedIndex":', '"appliedIndex":-'), 'latin1');
  assert.throws(() => restoreSnapshot(negative), /damaged at appliedIndex/);
  assert.throws(() => restoreSnapshot(Uint8Array.of(9, ...snapshot.subarray(1))), /format 9/);
});

test('10,000 topics and 1,000 groups are restored in seconds', (context) => {
  const { store } = reigning();
  const group = [...store.groups.values()][0];
  assert.ok(group);
  for (let number = 0; number < 1_000; number += 1) {
    const name = groupName(`orders-${number}`);
    store.groups.set(groupKey(MAIN, name), { ...group, key: groupKey(MAIN, name), name, epoch: epoch(1) });
  }
  for (let number = 0; number < 10_000; number += 1) {
    const { topic } = addTopic(`topic-${number}`);
    store.topics.set(`main/topic-${number}`, topic);
  }
  const encodeStarted = performance.now();
  const snapshot = encodeSnapshot(store);
  const encodeMs = performance.now() - encodeStarted;
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  assert.ok(typeof collectGarbage === 'function');
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const restoreStarted = performance.now();
  const restored = restoreSnapshot(snapshot);
  const restoreMs = performance.now() - restoreStarted;
  collectGarbage();
  const heapMegabytes = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  assert.deepEqual([restored.topics.size, restored.groups.size], [10_000, 1_001]);
  context.diagnostic(
    `${(snapshot.length / 2 ** 20).toFixed(1)} MB; encoded in ${encodeMs.toFixed(0)} ms, restored in ${restoreMs.toFixed(0)} ms, ${heapMegabytes.toFixed(1)} MB of heap`,
  );
  assert.ok(restoreMs < 10_000, `${restoreMs} ms`);
});
