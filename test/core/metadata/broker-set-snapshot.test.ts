import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { applyCommand, applyEncoded, createMetadata } from '../../../src/core/metadata/apply.ts';
import { checkCommand, encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import {
  planRegistration,
  type ReportedTopic,
  registrationStanding,
} from '../../../src/core/metadata/registration-plan.ts';
import { encodeSnapshot, restoreSnapshot } from '../../../src/core/metadata/snapshot.ts';
import type { MutableMetadata } from '../../../src/core/metadata/store.ts';
import { groupName } from '../../../src/core/primitives/identifiers.ts';
import { registration, version } from './broker-set-fixture.ts';
import { Ledger } from './ledger.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

setFlagsFromString('--expose-gc');
const gc: unknown = runInNewContext('gc');

function heapMegabytes(): number {
  assert.ok(typeof gc === 'function');
  gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const BROKERS = 50;
const TOPICS = 5_000;

const topicsOf = (prefix: string): ReportedTopic[] =>
  Array.from({ length: TOPICS }, (_, number) => ({
    topic: `${prefix}-topic-${number}`,
    readQueues: 8,
    writeQueues: 8,
    permission: 6,
    sysFlag: 0,
  }));

const headOf = (broker: number, counter: number) => ({
  ...registration(broker, { name: groupName(`broker-${broker}`), dataVersion: version(counter) }),
});

/** As the door and the log do it: planned, checked, encoded, decoded, applied. Answers the commands' number and bytes. */
function register(store: MutableMetadata, broker: number, counter: number, topics: readonly ReportedTopic[]) {
  const plan = planRegistration(store, headOf(broker, counter), topics, []);
  assert.ok(plan.ok);
  let bytes = 0;
  for (const command of plan.value) {
    assert.ok(checkCommand(command).ok);
    const encoded = encodeCommand(command);
    bytes += encoded.length;
    const applied = applyEncoded(store, encoded, { index: store.appliedIndex + 1, term: 1 });
    assert.ok(applied.ok);
  }
  return { commands: plan.value.length, bytes };
}

/** Processor time, for the machine may be busy with something else. */
function timed<Value>(work: () => Value): { readonly value: Value; readonly ms: number } {
  const started = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(started);
  return { value, ms: (user + system) / 1_000 };
}

for (const [title, prefixOf] of [
  ['the same 5,000 topics', () => 'shared'],
  ['5,000 topics of their own', (broker: number) => `set-${broker}`],
] as const) {
  test(`50 brokers with ${title} each are kept, written and read back`, (context) => {
    const reported = Array.from({ length: BROKERS }, (_, broker) => topicsOf(prefixOf(broker)));
    const before = heapMegabytes();
    const store = createMetadata();
    const first = timed(() => reported.map((topics, broker) => register(store, broker, 1, topics)));
    const kept = heapMegabytes() - before;
    const places = [...store.topicQueues.values()].reduce((sum, queues) => sum + queues.length, 0);
    assert.equal(places, BROKERS * TOPICS);
    const same = timed(() =>
      reported.forEach((_, broker) => {
        const standing = registrationStanding(store, headOf(broker, 1));
        assert.deepEqual(standing, { ok: true, value: 'known' });
      }),
    );
    const changed = timed(() =>
      reported.map((topics, broker) =>
        register(store, broker, 2, topics.with(7, { ...(topics[7] ?? assert.fail()), writeQueues: 9 })),
      ),
    );
    assert.ok(changed.value.every(({ commands, bytes }) => commands === 1 && bytes < 1_000));
    const encoded = timed(() => encodeSnapshot(store));
    const restored = timed(() => restoreSnapshot(encoded.value));
    assert.equal(text(encodeSnapshot(restored.value)), text(encoded.value));
    const bytes = first.value.reduce((sum, one) => sum + one.bytes, 0);
    context.diagnostic(
      `first registrations ${first.ms.toFixed(0)} ms and ${(bytes / 2 ** 20).toFixed(1)} MB of log, ` +
        `unchanged ${same.ms.toFixed(2)} ms, one topic changed in each ${changed.ms.toFixed(0)} ms; ` +
        `${kept.toFixed(1)} MB of heap; snapshot ${(encoded.value.length / 2 ** 20).toFixed(1)} MB, ` +
        `written in ${encoded.ms.toFixed(0)} ms, read in ${restored.ms.toFixed(0)} ms`,
    );
  });
}

test('kinds of queues that are equal but not the same object are written once, and read back as one', () => {
  const { store } = new Ledger().accept(registration(1));
  const [queues] = store.topicQueues.get('TopicA') ?? [];
  assert.ok(queues);
  const before = text(encodeSnapshot(store));
  store.topicQueues.set('TopicA', [{ ...queues }]);
  assert.equal(text(encodeSnapshot(store)), before);
  const restored = restoreSnapshot(encodeSnapshot(store));
  assert.equal(restored.topicQueues.get('TopicA')?.[0], restored.topicQueues.get('TBW102')?.[0]);
});

test('a snapshot that lacks a kind ends the process', () => {
  const { store } = new Ledger().accept(registration(1));
  const damaged = text(encodeSnapshot(store)).replace('["TopicA",[0]]', '["TopicA",[7]]');
  assert.throws(() => restoreSnapshot(Buffer.from(damaged, 'latin1')), /lacks queue kind 7/);
});

test('order of registration does not show in the bytes', () => {
  const one = new Ledger().accept(registration(1), registration(2, { brokerId: 1 }));
  const other = new Ledger();
  for (const command of [registration(2, { brokerId: 1, topics: [] }), registration(1)])
    applyCommand(other.store, command, { index: other.store.appliedIndex + 1, term: 1 });
  other.store.brokersRevision = one.store.brokersRevision;
  assert.equal(text(encodeSnapshot(other.store)), text(encodeSnapshot(one.store)));
});
