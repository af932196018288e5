import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import { type NodeName, nodeName } from '../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../src/core/primitives/refusal.ts';
import { awaitAdmission } from '../../src/main/first-start.ts';
import type { PeerSeen } from '../../src/main/waiting-room.ts';
import { recordingLogger } from '../platform/recording-logger.ts';

const A = nodeName('node-a');
const B = nodeName('node-b');
const W = nodeName('node-w');
const fresh: PeerSeen = { connected: true, tierId: null };
const absent: PeerSeen = { connected: false, tierId: null };
const member: PeerSeen = { connected: true, tierId: 'tier-1' };
const peersOf = (b: PeerSeen, w: PeerSeen): ReadonlyMap<NodeName, PeerSeen> =>
  new Map([
    [B, b],
    [W, w],
  ]);

/** Node A among peers that answer what a test says. */
function joiningNode(peers: ReadonlyMap<NodeName, PeerSeen>, isReplacement?: true) {
  let handler: (from: NodeName, message: PeerMessage) => void = () => undefined;
  const sent: { to: NodeName; message: PeerMessage }[] = [];
  const waiting = awaitAdmission({
    node: A,
    directoryId: 'directory-1',
    isReplacement,
    dataDirectory: '/data',
    nowMs: () => 0,
    logger: recordingLogger(),
    transport: {
      peers: () => peers,
      send: (to, message) => sent.push({ to, message }),
      onMessage: (next) => {
        handler = next;
      },
    },
  });
  const forwardId = (): number => {
    const message = sent[0]?.message;
    assert.ok(message?.kind === 'forward');
    return message.forwardId;
  };
  return {
    ...waiting,
    sent,
    answer: (reply: Extract<PeerMessage, { kind: 'forwardReply' }>['reply'], id = forwardId()) =>
      handler(B, { kind: 'forwardReply', forwardId: id, reply }),
  };
}

test('a new node of a tier asks all peers, and takes part once the tier has noted it', async () => {
  const joining = joiningNode(peersOf(member, member));
  assert.deepEqual(
    joining.sent.map(({ to, message }) => [to, message.kind === 'forward' ? message.request : null]),
    [B, W].map((to) => [
      to,
      { type: 'propose', command: { type: 'member.join', node: A, directoryId: 'directory-1' } },
    ]),
  );
  joining.answer(refused('noLeader', 'not here'));
  joining.answer(refused('duplicateName', 'an answer to somebody else'), 1);
  joining.answer(accepted({ kind: 'committed', index: 7 }));
  assert.deepEqual(await joining.admission, { kind: 'admitted' });
});

test('a replacement says that it is one', async () => {
  const { sent, cancel } = joiningNode(peersOf(member, member), true);
  const message = sent[0]?.message;
  assert.deepEqual(message?.kind === 'forward' ? message.request : null, {
    type: 'propose',
    command: { type: 'member.join', node: A, directoryId: 'directory-1', isReplacement: true },
  });
  cancel();
});

test('a node that took part with another directory must not start, and is told what to do', async () => {
  const joining = joiningNode(peersOf(member, fresh));
  joining.answer(refused('duplicateName', 'another directory'));
  const admission = await joining.admission;
  assert.ok(admission.kind === 'refused');
  assert.match(admission.message, /node-a has taken part.*\/data.*disk was lost.*What to do: mount/);
});

test('a node that the tier does not list is told whom it lists', async () => {
  const joining = joiningNode(peersOf(member, fresh));
  joining.answer(refused('invalidRequest', 'node-a is not a node of this tier.', { expected: 'x, y' }));
  assert.deepEqual(await joining.admission, {
    kind: 'refused',
    message: 'node-a is not a node of this tier. Its nodes are x, y.',
  });
});

test('a node that waits can be stopped', async () => {
  const joining = joiningNode(peersOf(absent, absent));
  joining.cancel();
  assert.deepEqual(await joining.admission, { kind: 'cancelled' });
  assert.deepEqual(joining.sent, []);
});
