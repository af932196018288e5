import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientRequest } from '../../../src/core/coordinator/requests.ts';
import { checkRequest } from '../../../src/core/node/fit-request.ts';
import { clusterName, groupName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { decodePeerMessage, encodePeerMessage } from '../../../src/platform/peer-codec.ts';
import { foundedTier } from './loop-harness.ts';

const SET = { cluster: clusterName('C'), name: groupName('broker-a') };
const alter = (syncStateSet: readonly number[], masterBrokerId = 1): ClientRequest => ({
  type: 'brokerSet',
  request: {
    kind: 'alterSyncStateSet',
    ...SET,
    masterBrokerId,
    masterEpoch: 1,
    syncStateSet,
    syncStateSetEpoch: 1,
  },
});
const putKeyValue = (namespace: string): ClientRequest => ({
  type: 'propose',
  command: { type: 'naming.putKeyValue', namespace, key: 'k', value: 'v' },
});

const unfit: readonly (readonly [what: string, request: ClientRequest])[] = [
  ['a command that is not fit for the log', putKeyValue('n'.repeat(100_000))],
  ['a broker with a number below 0', alter([1], -1)],
  ['more brokers than a set has', alter(Array.from({ length: LIMITS.brokersPerSet + 1 }, (_, id) => id))],
];

for (const [what, request] of unfit)
  test(`a follower does not pass on ${what}: its leader would end their connection`, () => {
    const { tier } = foundedTier();
    const follower = tier.follower();
    let forwards = 0;
    tier.onSend = (_node, message) => {
      if (message.kind === 'forward') forwards += 1;
    };
    const reply = tier.ask(follower, request);
    assert.equal(forwards, 0);
    assert.ok(!reply.ok && ['invalidRequest', 'limitReached'].includes(reply.refusal.code));
  });

test('what is passed on can be read by the leader', () => {
  for (const [, request] of unfit) {
    assert.equal(checkRequest(request).ok, false);
    const message = { kind: 'forward', forwardId: 1, request } as const;
    assert.equal(decodePeerMessage(Buffer.concat(encodePeerMessage(message))).ok, false);
  }
  const most = alter(Array.from({ length: LIMITS.brokersPerSet }, (_, id) => id));
  for (const request of [most, alter([1], 0), putKeyValue('n')]) {
    assert.equal(checkRequest(request).ok, true);
    const message = { kind: 'forward', forwardId: 1, request } as const;
    assert.equal(decodePeerMessage(Buffer.concat(encodePeerMessage(message))).ok, true);
  }
});

test('a follower passes on what its leader can read', () => {
  const { tier } = foundedTier();
  assert.ok(tier.ask(tier.follower(), putKeyValue('n')).ok);
  const reply = tier.ask(tier.follower(), alter([1]));
  assert.equal(reply.ok ? 'ok' : reply.refusal.code, 'unknownBrokerSet');
});
