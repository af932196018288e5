import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import type { BrokerAnswer } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { testifyBroker } from '../../../../src/core/coordinator/broker-sets/testify-broker.ts';
import { groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { answered, at, closed, heartbeat, NAME, REFUSED, refOf, SILENT } from './broker-signs.ts';

type Seen = { heardAtMs?: number; closedAtMs?: number; answeredAtMs?: number };

/** At 10,000, with a silence of 3,000 ms. */
function testify(
  answer: BrokerAnswer,
  seen: Seen,
  more: { brokerSiteHeard?: boolean | null; stalledUntilMs?: number } = {},
) {
  const book = new BrokerBook();
  if (seen.heardAtMs !== undefined) book.heard(heartbeat(1), at(seen.heardAtMs));
  if (seen.closedAtMs !== undefined) book.heard(closed(1), at(seen.closedAtMs));
  if (seen.answeredAtMs !== undefined) book.answered(refOf(1), at(seen.answeredAtMs));
  return testifyBroker({
    own: book.of(refOf(1)),
    name: NAME,
    answer,
    silenceMs: 3_000,
    now: at(10_000),
    stalledUntilMs: more.stalledUntilMs ?? null,
    site: siteName('idc-b'),
    brokerSiteHeard: more.brokerSiteHeard ?? null,
  });
}
const word = (...args: Parameters<typeof testify>): string => {
  const { verdict, ground } = testify(...args);
  return ground === undefined ? verdict : `${verdict} ${ground}`;
};

test('whatever is well-formed is a life, an error included; a broker of another set is the end of this one', () => {
  assert.equal(word(answered(1, 1n), {}), 'alive answer');
  assert.equal(word(answered(1, 1n, { brokerName: null }), {}), 'alive answer');
  assert.equal(word({ kind: 'answeredError', code: 1, remark: '' }, {}), 'alive answer');
  assert.equal(
    word(answered(1, 1n, { brokerName: groupName('b') }), { heardAtMs: 9_999 }),
    'dead otherProcess',
  );
});

test('refused is dead once nothing stands any more, and nothing while heartbeats arrive', () => {
  assert.equal(word(REFUSED, { heardAtMs: 9_900, closedAtMs: 9_950 }), 'dead refusal');
  assert.equal(word(REFUSED, { heardAtMs: 9_900 }), 'alive answer');
  assert.equal(word(REFUSED, { heardAtMs: 7_001 }), 'alive answer');
  assert.equal(word(REFUSED, { heardAtMs: 7_000 }), 'dead refusal');
  assert.equal(word(REFUSED, { answeredAtMs: 9_900 }), 'dead refusal');
  const cut: BrokerAnswer = { kind: 'disconnected', error: 'ECONNRESET' };
  assert.equal(word(cut, { heardAtMs: 9_900, closedAtMs: 9_950 }), 'dead refusal');
});

test('silence is dead only after a whole time of it: a closed connection alone does not shorten that', () => {
  assert.equal(word(SILENT, { heardAtMs: 7_000 }), 'dead silence');
  assert.equal(word(SILENT, { heardAtMs: 7_001 }), 'abstain');
  assert.equal(word(SILENT, { heardAtMs: 9_000, closedAtMs: 9_100 }), 'abstain');
  assert.equal(word(SILENT, { heardAtMs: 9_800 }), 'alive answer');
});

test('a probe that was never made accuses nobody', () => {
  assert.equal(word({ kind: 'silent', waitedMs: 0 }, { heardAtMs: 1 }), 'abstain');
});

test('a node that never heard a broker speaks of its site only', () => {
  assert.equal(word(REFUSED, {}), 'neverReached');
  assert.equal(testify(SILENT, {}, { brokerSiteHeard: false }).brokerSiteHeard, false);
  assert.equal('brokerSiteHeard' in testify(SILENT, {}), false);
});

test('a node that stalled abstains, whatever it sees', () => {
  assert.equal(word(REFUSED, { heardAtMs: 1, closedAtMs: 2 }, { stalledUntilMs: 9_000 }), 'abstain');
});
