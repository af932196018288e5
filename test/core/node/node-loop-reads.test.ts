/** When a node may call what it shows current, and when it may answer a linearizable read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientRequest } from '../../../src/core/coordinator/requests.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { foundedTier } from './loop-harness.ts';

const NAMES = ['pollux-a', 'pollux-b', 'pollux-w'].map(nodeName);
const LEASE_MS = 450;
const ELECTION_TIMEOUT_MS = 500;
const TICK_MS = 10;

const set = (key: string): ClientRequest => ({
  type: 'propose',
  command: { type: 'keyValue.set', key, value: 'v' },
});

test('a leader that is cut off calls nothing current once its lease is over, though it still leads', () => {
  let ledWithoutLease = 0;
  for (let offsetMs = 0; offsetMs < 50; offsetMs += TICK_MS) {
    const { tier, leader } = foundedTier();
    tier.run(200 + offsetMs);
    assert.equal(tier.loop(leader).isCurrent(tier.now), true);
    for (const name of NAMES) {
      tier.cut.add(`${leader}>${name}`);
      tier.cut.add(`${name}>${leader}`);
    }
    tier.run(LEASE_MS);
    for (let pastMs = LEASE_MS; pastMs <= ELECTION_TIMEOUT_MS; pastMs += TICK_MS) {
      if (tier.loop(leader).status(tier.now).role === 'leader') {
        ledWithoutLease += 1;
        assert.equal(tier.loop(leader).isCurrent(tier.now), false, `${pastMs} ms after the cut`);
      }
      tier.run(TICK_MS);
    }
  }
  assert.ok(ledWithoutLease > 0, 'there was such a moment');
});

test('a follower answers a read only once it has applied what the leader confirmed', () => {
  const { tier, leader } = foundedTier();
  tier.run(200);
  const follower = tier.follower();
  const requestId = 1_000_000;
  const loop = tier.loop(follower);
  const effects = loop.step({ kind: 'request', requestId, request: { type: 'readBarrier' } }, tier.now);
  const forwarded = effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === 'forward' ? [effect.message.forwardId] : [],
  );
  const [forwardId] = forwarded;
  assert.ok(forwardId !== undefined && forwarded.length === 1);
  const index = loop.status(tier.now).appliedIndex + 2;
  const reply = { ok: true, value: { kind: 'current', index } } as const;
  tier.input(follower, { kind: 'peer', from: leader, message: { kind: 'forwardReply', forwardId, reply } });
  const ticket = `${follower}#${requestId}`;
  assert.equal(tier.ask(leader, set('first')).ok, true);
  tier.run(200);
  assert.equal(loop.status(tier.now).appliedIndex, index - 1);
  assert.equal(tier.reply(ticket), null);
  assert.equal(tier.ask(leader, set('second')).ok, true);
  tier.run(200);
  assert.deepEqual(tier.reply(ticket), reply);
});
