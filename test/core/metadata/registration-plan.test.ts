import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StaticTopic } from '../../../src/core/metadata/broker-set-command.ts';
import { checkCommand } from '../../../src/core/metadata/command-codec.ts';
import {
  isDoneAlready,
  planRegistration,
  type ReportedTopic,
  registrationStanding,
} from '../../../src/core/metadata/registration-plan.ts';
import type { RegistrationHead } from '../../../src/core/metadata/registration-rules.ts';
import { BROKER_A, registration, version } from './broker-set-fixture.ts';
import { Ledger } from './ledger.ts';

function head(number: number, changes: Partial<RegistrationHead> = {}): RegistrationHead {
  const {
    type: _type,
    complete: _complete,
    topicCount: _count,
    topics: _topics,
    staticTopics: _static,
    ...rest
  } = registration(number);
  return { ...rest, ...changes };
}

const reported = (topic: string, changes: Partial<ReportedTopic> = {}): ReportedTopic => ({
  topic,
  readQueues: 4,
  writeQueues: 4,
  permission: 6,
  sysFlag: 0,
  ...changes,
});

/** Proposes and applies, as the door does; answers what was proposed. */
function register(
  ledger: Ledger,
  from: RegistrationHead,
  topics: readonly ReportedTopic[],
  staticTopics: readonly StaticTopic[] = [],
) {
  const plan = planRegistration(ledger.store, from, topics, staticTopics);
  assert.ok(plan.ok, JSON.stringify(plan));
  for (const command of plan.value) {
    assert.deepEqual(checkCommand(command), { ok: true, value: null });
    ledger.accept(command);
  }
  return plan.value;
}

const many = (count: number, prefix = 'topic') =>
  Array.from({ length: count }, (_, number) => reported(`${prefix}-${number}`));

test('an unchanged registration comes to nothing, and is known before its topics are read', () => {
  const ledger = new Ledger();
  assert.deepEqual(registrationStanding(ledger.store, head(1)), { ok: true, value: 'news' });
  register(ledger, head(1), many(10));
  assert.deepEqual(registrationStanding(ledger.store, head(1)), { ok: true, value: 'known' });
  assert.deepEqual(register(ledger, head(1), many(10)), []);
});

test('a command of a registration that is in the state as a whole would change nothing', () => {
  const ledger = new Ledger();
  const topics = many(20_000);
  const plan = planRegistration(ledger.store, head(1), topics, []);
  assert.ok(plan.ok && plan.value.length > 1);
  for (const command of plan.value) {
    for (const other of plan.value) assert.equal(isDoneAlready(ledger.store, other), false);
    ledger.accept(command);
  }
  for (const command of plan.value) assert.equal(isDoneAlready(ledger.store, command), true);
  const next = planRegistration(ledger.store, head(1, { dataVersion: version(2) }), [], []);
  assert.ok(next.ok);
  for (const command of next.value) assert.equal(isDoneAlready(ledger.store, command), false);
  assert.equal(isDoneAlready(ledger.store, { type: 'keyValue.set', key: 'k', value: 'v' }), false);
});

test('each word of a registration is news', () => {
  const ledger = new Ledger();
  register(ledger, head(1), many(2));
  const news: Partial<RegistrationHead>[] = [
    { brokerId: 1 },
    { haAddress: '10.0.0.1:1' },
    { zone: 'idc-b' },
    { site: null },
    { version: 1 },
    { timeoutMs: 1 },
    { enableActingMaster: true },
    { dataVersion: version(2) },
    { dataVersion: { ...version(1), timestamp: 0 } },
    { dataVersion: version(1, 1) },
  ];
  for (const one of news) {
    const standing = registrationStanding(ledger.store, head(1, one));
    assert.deepEqual(standing, { ok: true, value: 'news' }, JSON.stringify(one));
  }
});

test('a changed registration carries what changed and nothing else', () => {
  const ledger = new Ledger();
  register(ledger, head(1), many(5_000));
  const next = [...many(5_000).with(17, reported('topic-17', { writeQueues: 8 })), reported('new')];
  const [command, ...others] = register(ledger, head(1, { dataVersion: version(2) }), next);
  assert.equal(others.length, 0);
  assert.ok(command?.type === 'registration.set');
  assert.equal(command.topicCount, 5_001);
  assert.deepEqual(
    command.topics.map(({ topics }) => topics),
    [['topic-17'], ['new']],
  );
});

test('topics that one command cannot carry follow in others, the last of which completes the registration', () => {
  const ledger = new Ledger();
  const topics = many(40_000, 'a-rather-long-name-of-a-topic');
  const [first, ...others] = register(ledger, head(1), topics);
  assert.ok(others.length > 3);
  assert.deepEqual(
    [first, ...others].map((command) => command !== undefined && 'complete' in command && command.complete),
    [...others.map(() => false), true],
  );
  assert.equal(ledger.store.topicQueues.size, 40_000);
  assert.deepEqual(register(ledger, head(1), topics), []);
});

test('a registration that stopped half-way goes on with what is missing', () => {
  const ledger = new Ledger();
  const topics = many(20_000, 'a-rather-long-name-of-a-topic');
  const plan = planRegistration(ledger.store, head(1), topics, []);
  assert.ok(plan.ok && plan.value[0] !== undefined && plan.value.length > 2);
  ledger.accept(plan.value[0]);
  assert.deepEqual(registrationStanding(ledger.store, head(1)), { ok: true, value: 'news' });
  const rest = register(ledger, head(1), topics);
  assert.equal(rest.length, plan.value.length - 1);
  assert.equal(ledger.store.topicQueues.size, 20_000);
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.topics, 20_000);
});

test('names that JSON writes longer still fit', () => {
  const ledger = new Ledger();
  register(ledger, head(1), many(30_000, '\u0001"\\ü漢'));
  assert.equal(ledger.store.topicQueues.size, 30_000);
});

test('what a slave says of topics is not carried', () => {
  const ledger = new Ledger();
  register(ledger, head(1), many(3));
  const [command] = register(ledger, head(2, { brokerId: 1 }), many(9));
  assert.ok(command?.type === 'registration.set');
  assert.deepEqual([command.topics, command.topicCount], [[], 9]);
  assert.deepEqual(register(ledger, head(2, { brokerId: 1 }), many(9)), []);
});

test('static topics are carried when they change', () => {
  const part: StaticTopic = {
    topic: 'topic-1',
    scope: '__global__',
    totalQueues: 4,
    epoch: 7,
    queues: [[0, 1]],
  };
  const ledger = new Ledger();
  register(ledger, head(1), many(3), [part]);
  assert.deepEqual(ledger.store.staticTopics.get('topic-1')?.[0]?.queues, [[0, 1]]);
  const [same] = register(ledger, head(1, { dataVersion: version(2) }), many(3), [part]);
  assert.ok(same?.type === 'registration.set');
  assert.deepEqual(same.staticTopics, []);
  const [moved] = register(ledger, head(1, { dataVersion: version(3) }), many(3), [
    { ...part, queues: [[0, 2]] },
  ]);
  assert.ok(moved?.type === 'registration.set');
  assert.equal(moved.staticTopics.length, 1);
});

test('a refusal is told before anything is proposed', () => {
  const ledger = new Ledger();
  register(ledger, head(1, { dataVersion: version(1, 5) }), many(2));
  const stale = registrationStanding(ledger.store, head(2, { dataVersion: version(1, 4) }));
  assert.equal(stale.ok ? null : stale.refusal.code, 'staleRegistration');
  const single = planRegistration(
    ledger.store,
    head(2, { brokerId: 1, dataVersion: version(1, 5) }),
    many(1),
    [],
  );
  assert.equal(single.ok ? null : single.refusal.code, 'singleTopicRegistration');
});
