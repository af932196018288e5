import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestifyInput, testify } from '../../../src/core/liveness/testify.ts';
import { incarnation, siteName } from '../../../src/core/primitives/identifiers.ts';
import {
  A2,
  answered,
  at,
  B1,
  disconnected,
  errorAnswer,
  evidenceOf,
  freshly,
  LIFE,
  MASTER_ADDRESS,
  masterReport,
  refused,
  type Seen,
  silent,
  slaveReport,
} from './evidence-fixture.ts';

const testimony = (
  nowMs: number,
  outcome: Parameters<typeof freshly>[0],
  change: Partial<TestifyInput> = {},
) =>
  testify({
    site: siteName('idc-b'),
    master: evidenceOf([10_000, answered(masterReport())]),
    suspectedIncarnation: LIFE,
    freshProbe: freshly(outcome),
    masterAddress: MASTER_ADDRESS,
    followers: [],
    detectionMs: 1_000,
    probeIntervalMs: 100,
    now: at(nowMs),
    stalledUntilMs: null,
    brokerSiteHeard: null,
    ...change,
  });
const say = (...of: Parameters<typeof testimony>) => testimony(...of).verdict;
const slave = (replica: typeof A2, ...seen: Seen[]) => ({
  replica,
  evidence: evidenceOf(...seen),
});
const died = evidenceOf([10_000, answered(masterReport())], [10_050, disconnected]);
const down = slave(A2, [10_055, answered(slaveReport(1n, { linkUp: false }))]);
const up = slave(B1, [10_055, answered(slaveReport(1n))]);

test('an answer settles it: same process alive, another or loading dead, an error alive', () => {
  assert.equal(say(10_060, answered(masterReport())), 'alive');
  assert.equal(say(10_060, answered(masterReport({ incarnation: incarnation('m-2') }))), 'dead');
  assert.equal(say(10_060, answered(masterReport({ loading: true }))), 'dead');
  assert.equal(say(10_060, errorAnswer), 'alive');
});

test('refused: dead only with slaves that lost it too, alive with one that did not, unknown before they answered', () => {
  assert.equal(say(10_060, refused, { master: died, followers: [down] }), 'dead');
  assert.equal(say(10_060, refused, { master: died, followers: [down, up] }), 'alive');
  assert.equal(say(10_060, refused, { master: died }), 'abstain');
  assert.equal(say(10_060, disconnected, { master: died, followers: [down] }), 'dead');
});

test('refused, while the established connection answers: the address was changed, not the process', () => {
  assert.equal(say(10_060, refused, { followers: [down] }), 'alive');
  assert.equal(say(11_300, refused), 'dead', 'until it has been silent for the window');
  assert.equal(say(11_299, refused), 'abstain');
});

test('silent: dead, unless it was heard meanwhile or a slave still receives', () => {
  assert.equal(say(11_000, silent(300)), 'dead');
  assert.equal(say(10_200, silent(300)), 'alive');
  const receiving = slave(A2, [10_100, answered(slaveReport(1n))], [10_200, answered(slaveReport(2n))]);
  assert.equal(say(11_000, silent(300), { followers: [receiving] }), 'alive');
  assert.match(
    testimony(11_000, silent(300), { followers: [receiving] }).detail,
    /a2 received from it since/,
  );
  assert.equal(say(11_398, silent(300), { followers: [receiving] }), 'alive');
  assert.equal(say(11_399, silent(300), { followers: [receiving] }), 'dead');
});

test('silent, with a slave linked: unknown until the ping of an idle stream must have shown', () => {
  const linked = slave(A2, [11_200, answered(slaveReport(1n))]);
  assert.equal(say(11_299, silent(300), { followers: [linked] }), 'abstain');
  assert.equal(say(11_300, silent(300), { followers: [linked] }), 'dead');
  const lost = slave(A2, [11_200, answered(slaveReport(1n, { linkUp: false }))]);
  assert.equal(say(11_000, silent(300), { followers: [lost] }), 'dead');
  const pinged = slave(A2, [11_000, answered(slaveReport(1n))], [11_100, answered(slaveReport(15n))]);
  assert.equal(testimony(11_300, silent(300), { followers: [pinged] }).ground, 'receipt');
});

test('a word names its ground', () => {
  const ground = (...of: Parameters<typeof testimony>) => testimony(...of).ground;
  assert.equal(ground(10_060, answered(masterReport())), 'answer');
  assert.equal(ground(10_060, answered(masterReport({ loading: true }))), 'otherProcess');
  assert.equal(ground(10_060, refused, { master: died, followers: [down] }), 'refusal');
  assert.equal(ground(10_060, refused, { master: died, followers: [up] }), 'links');
  assert.equal(ground(11_000, silent(300)), 'silence');
  assert.equal(ground(10_060, refused, { master: died }), undefined);
});

test('bytes from just before the connection died do not keep a killed master alive', () => {
  const received = slave(A2, [10_030, answered(slaveReport(1n))], [10_049, answered(slaveReport(2n))]);
  assert.equal(say(10_060, refused, { master: died, followers: [received] }), 'abstain');
  assert.equal(
    say(10_060, refused, {
      master: died,
      followers: [received, slave(B1, [10_056, answered(slaveReport(1n, { linkUp: false }))])],
    }),
    'dead',
  );
});

test('who never reached it says only whether its site is heard', () => {
  const master = evidenceOf([9_000, refused, true]);
  assert.deepEqual(testimony(11_000, refused, { master, brokerSiteHeard: false }), {
    site: 'idc-b',
    verdict: 'neverReached',
    detail: 'refuses connections (ECONNREFUSED); never reached from here; its site does not answer either',
    brokerSiteHeard: false,
  });
  assert.equal(testimony(11_000, silent(), { master: null, brokerSiteHeard: true }).brokerSiteHeard, true);
  assert.equal('brokerSiteHeard' in testimony(11_000, silent(), { master: null }), false);
});

test('a node that stalled keeps quiet, whatever its probe says', () => {
  assert.equal(say(11_000, silent(), { stalledUntilMs: 10_500 }), 'abstain');
  assert.equal(say(11_000, answered(masterReport()), { stalledUntilMs: 10_500 }), 'abstain');
});
