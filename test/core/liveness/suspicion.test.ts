import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suspect, type VantageInput } from '../../../src/core/liveness/suspicion.ts';
import { incarnation } from '../../../src/core/primitives/identifiers.ts';
import {
  A2,
  answered,
  at,
  B1,
  disconnected,
  errorAnswer,
  evidenceOf,
  LIFE,
  MASTER_ADDRESS,
  masterReport,
  refused,
  type Seen,
  silent,
  slaveReport,
} from './evidence-fixture.ts';

const judge = (nowMs: number, change: Partial<VantageInput> = {}): string => {
  const suspicion = suspect({
    master: evidenceOf([10_000, answered(masterReport())]),
    incarnation: LIFE,
    masterAddress: MASTER_ADDRESS,
    followers: [],
    detectionMs: 1_000,
    probeIntervalMs: 100,
    now: at(nowMs),
    watchingSinceMs: 0,
    stalledUntilMs: null,
    ...change,
  });
  if (suspicion.kind === 'suspect') return `suspect ${suspicion.path}`;
  return suspicion.kind === 'held' ? `held${suspicion.alert ? ' alert' : ''}` : suspicion.kind;
};
const lost = [
  [10_000, answered(masterReport())],
  [10_050, disconnected],
  [10_051, refused, true],
] as const;
const follower = (replica: typeof A2, ...seen: Seen[]) => ({
  replica,
  evidence: evidenceOf(...seen),
});
const linkDown = (replica: typeof A2, atMs: number) =>
  follower(replica, [atMs, answered(slaveReport(1n, { linkUp: false, lastReceivedSecondsAgo: -1 }))]);
const linkUp = (replica: typeof A2, atMs: number) => follower(replica, [atMs, answered(slaveReport(1n))]);

test('silence is suspected after the detection time, not before; an error answer breaks it', () => {
  assert.equal(judge(10_999), 'alive');
  assert.equal(judge(11_000), 'suspect silence');
  assert.equal(judge(11_000, { detectionMs: 3_000 }), 'alive');
  assert.equal(
    judge(11_000, { master: evidenceOf([10_000, answered(masterReport())], [10_500, errorAnswer]) }),
    'alive',
  );
  assert.equal(
    judge(11_000, { master: evidenceOf([10_000, answered(masterReport())], [10_500, silent()]) }),
    'suspect silence',
  );
});

test('silence is held while a slave received since; once that is well after the last answer, an operator is told', () => {
  const bytes = (firstMs: number) =>
    follower(A2, [firstMs, answered(slaveReport(1n))], [firstMs + 100, answered(slaveReport(2n))]);
  assert.equal(judge(11_000, { followers: [bytes(10_050)] }), 'held');
  assert.equal(judge(11_148, { followers: [bytes(10_050)] }), 'held');
  assert.equal(judge(11_149, { followers: [bytes(10_050)] }), 'suspect silence', 'asked ahead of its end');
  assert.equal(judge(12_000, { followers: [bytes(11_100)] }), 'held alert');
  assert.equal(
    judge(11_100, { followers: [bytes(9_900)] }),
    'suspect silence',
    'received before the last answer',
  );
});

test('a link that says up is given the time of a ping, and holds nothing after that', () => {
  const followers = [linkUp(A2, 10_990)];
  assert.equal(judge(11_000, { followers }), 'held');
  assert.equal(judge(11_099, { followers }), 'held');
  assert.equal(judge(11_100, { followers }), 'suspect silence', 'its answers come when the ping must show');
  assert.equal(judge(11_000, { followers: [linkDown(A2, 10_990)] }), 'suspect silence');
  assert.equal(judge(11_000, { followers: [linkUp(A2, 9_990)] }), 'suspect silence', 'said before');
});

test('the fast path takes a dead connection, a refusal since, and slaves that lost it too', () => {
  const master = evidenceOf(...lost);
  assert.equal(judge(10_060, { master, followers: [linkDown(A2, 10_055)] }), 'suspect fast');
  assert.equal(
    judge(10_060, { master, followers: [linkDown(A2, 10_055), linkUp(B1, 10_040)] }),
    'suspect fast',
  );
});

test('each of the three alone is no suspicion', () => {
  const down = [linkDown(A2, 10_055)];
  assert.equal(
    judge(10_060, { master: evidenceOf(lost[0], lost[1]), followers: down }),
    'alive',
    'nothing refused',
  );
  assert.equal(
    judge(10_060, { master: evidenceOf(lost[0], lost[2]), followers: down }),
    'alive',
    'connection lives',
  );
  assert.equal(judge(10_060, { master: evidenceOf(...lost) }), 'alive', 'no slave');
  const master = evidenceOf(...lost);
  assert.equal(
    judge(10_060, { master, followers: [linkDown(A2, 10_055), linkUp(B1, 10_056)] }),
    'alive',
    'one is up',
  );
  assert.equal(judge(10_060, { master, followers: [linkDown(A2, 10_049)] }), 'alive', 'down before');
  const early = evidenceOf(lost[0], [10_040, refused, true], lost[1]);
  assert.equal(judge(10_060, { master: early, followers: down }), 'alive', 'refused before');
  const heard = evidenceOf(...lost, [10_055, answered(masterReport()), true]);
  assert.equal(judge(10_060, { master: heard, followers: down }), 'alive', 'it answered since');
});

test('another process, or one that is loading, has ended the reign', () => {
  const other = masterReport({ incarnation: incarnation('m-2') });
  assert.equal(judge(10_010, { master: evidenceOf([10_000, answered(other)]) }), 'suspect restarted');
  const loading = masterReport({ loading: true });
  assert.equal(judge(10_010, { master: evidenceOf([10_000, answered(loading)]) }), 'suspect loading');
});

test('a master that answers as a slave is held, not failed over', () => {
  const steered = evidenceOf([10_000, answered(slaveReport(1n, {}, { incarnation: LIFE }))]);
  assert.equal(judge(10_010, { master: steered }), 'held alert');
});

test('a node abstains after a stall, on a short watch, and on a broker that it never reached', () => {
  assert.equal(judge(12_000, { stalledUntilMs: 11_001 }), 'abstain');
  assert.equal(judge(12_001, { stalledUntilMs: 11_001 }), 'suspect silence');
  assert.equal(judge(12_000, { stalledUntilMs: 12_500 }), 'abstain');
  assert.equal(judge(12_000, { watchingSinceMs: 11_001 }), 'abstain');
  assert.equal(judge(12_001, { watchingSinceMs: 11_001 }), 'suspect silence');
  assert.equal(judge(12_000, { master: null }), 'abstain');
  assert.equal(judge(12_000, { master: evidenceOf([10_000, refused, true]) }), 'abstain');
});
