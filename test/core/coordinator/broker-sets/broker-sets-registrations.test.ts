import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerHeard } from '../../../../src/core/coordinator/broker-sets/broker-heard.ts';
import type { BrokerAnswer } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { NodeName } from '../../../../src/core/primitives/identifiers.ts';
import { addressOf, CLUSTER, registration } from '../../metadata/broker-set-fixture.ts';
import { foundedTier, type LoopHarness } from '../../node/loop-harness.ts';
import { NODES } from './broker-tier.ts';

type Naming = {
  readonly tier: LoopHarness;
  readonly leader: NodeName;
  /** What broker 1 answers to this node; refused unless said. */
  answer: (node: NodeName) => BrokerAnswer;
  isRegistered(): boolean;
  sign(what: 'registered' | 'closed', nodes?: readonly NodeName[]): void;
};

/** A broker of a release that only knows of name servers, registered everywhere. */
function registered(timeoutMs = 120_000): Naming {
  const live = { answer: (): BrokerAnswer => ({ kind: 'refused', error: 'ECONNREFUSED' }) } as Pick<
    Naming,
    'answer'
  >;
  const { tier, leader } = foundedTier({ askBroker: (_address, _ask, node) => live.answer(node) });
  const command = registration(1, { timeoutMs });
  assert.ok(tier.ask(leader, { type: 'propose', command }).ok);
  const naming = Object.assign(live, {
    tier,
    leader,
    isRegistered: () => tier.loop(leader).state().registrations.has(addressOf(1)),
    sign: (what: 'registered' | 'closed', nodes: readonly NodeName[] = NODES) => {
      const ref = { cluster: CLUSTER, name: command.name, address: addressOf(1), channel: 1 };
      const heard: BrokerHeard = what === 'closed' ? { ...ref, what } : { ...ref, what, brokerId: 0 };
      for (const node of nodes) tier.input(node, { kind: 'broker', heard });
    },
  });
  tier.run(4_000);
  naming.sign('registered');
  return naming;
}

test('a broker whose connections ended everywhere is out of the routes at once', () => {
  const naming = registered();
  naming.tier.run(1_000);
  naming.sign('closed');
  assert.ok(naming.tier.runUntil(() => !naming.isRegistered(), 1_000));
});

test('a connection that ended at the leader alone takes nobody out', () => {
  const naming = registered();
  naming.sign('closed', [naming.leader]);
  naming.tier.run(5_000);
  assert.ok(naming.isRegistered(), 'others hear it, whatever a new connection comes to');
  naming.answer = () => ({ kind: 'answeredError', code: 1, remark: 'not in controller mode' });
  naming.sign('closed');
  naming.tier.run(5_000);
  assert.ok(naming.isRegistered(), 'it answers');
});

test('a broker that no node hears goes after its own time, not before, and not while it answers', () => {
  const naming = registered(30_000);
  naming.answer = () => ({ kind: 'silent', waitedMs: 300 });
  naming.tier.run(29_000);
  assert.ok(naming.isRegistered());
  naming.sign('registered', [NODES.find((node) => node !== naming.leader) ?? naming.leader]);
  naming.tier.run(20_000);
  assert.ok(naming.isRegistered(), 'one node has heard it since');
  naming.answer = (node) =>
    node === naming.leader
      ? { kind: 'silent', waitedMs: 300 }
      : { kind: 'answeredError', code: 1, remark: 'not in controller mode' };
  naming.tier.run(40_000);
  assert.ok(naming.isRegistered(), 'it answers another node');
  naming.answer = () => ({ kind: 'silent', waitedMs: 300 });
  assert.ok(naming.tier.runUntil(() => !naming.isRegistered(), 70_000));
});

test('a leader that has just started takes nobody out before it has listened for a whole time', () => {
  const naming = registered(20_000);
  for (const node of NODES) naming.tier.crash(node);
  for (const node of NODES) naming.tier.start(node);
  naming.tier.runUntil(() => naming.tier.leader() !== null);
  const leader = naming.tier.leader() ?? naming.leader;
  const isRegistered = (): boolean => naming.tier.loop(leader).state().registrations.has(addressOf(1));
  naming.tier.run(18_000);
  assert.ok(isRegistered());
  assert.ok(naming.tier.runUntil(() => !isRegistered(), 10_000));
});
