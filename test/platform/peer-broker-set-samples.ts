/** Messages and requests about RocketMQ broker sets between nodes, one of every type and shape. */
import type { BrokerSetMessage } from '../../src/core/coordinator/broker-sets/messages.ts';
import type { BrokerAnswer, BrokerAsk } from '../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import { clusterName, groupName, siteName, term } from '../../src/core/primitives/identifiers.ts';
import { accepted } from '../../src/core/primitives/refusal.ts';

const name = { cluster: clusterName('C'), name: groupName('broker-a') };
const broker = { ...name, address: '10.0.0.1:10911' };

const asks: readonly BrokerAsk[] = [
  { kind: 'probe' },
  {
    kind: 'changeRole',
    masterAddress: '10.0.0.2:10911',
    masterBrokerId: 2,
    masterEpoch: 4,
    syncStateSet: [2],
    syncStateSetEpoch: 9,
  },
];

const answers: readonly BrokerAnswer[] = [
  {
    kind: 'answered',
    answerMs: 1.5,
    epochs: [{ epoch: 3, startOffset: 0n, endOffset: 2n ** 63n - 1n }],
    maxOffset: 2n ** 60n,
    brokerId: 0,
    brokerName: 'broker-a',
  },
  { kind: 'answered', answerMs: 2, epochs: null, maxOffset: null, brokerId: null, brokerName: null },
  { kind: 'acknowledged' },
  { kind: 'answeredError', code: 1, remark: 'not in controller mode' },
  { kind: 'refused', error: 'ECONNREFUSED' },
  { kind: 'disconnected', error: 'ECONNRESET' },
  { kind: 'silent', waitedMs: 300 },
];

const messages: readonly BrokerSetMessage[] = [
  { type: 'confirmBroker', term: term(7), confirmId: 1, broker },
  {
    type: 'confirmBrokerReply',
    term: term(7),
    confirmId: 1,
    broker,
    testimony: {
      site: siteName('idc-b'),
      verdict: 'dead',
      ground: 'refusal',
      detail: 'refuses connections',
      brokerSiteHeard: true,
    },
  },
  ...asks.map(
    (ask): BrokerSetMessage => ({
      type: 'askBroker',
      term: term(7),
      askId: 3,
      address: broker.address,
      ask,
      timeoutMs: 300,
    }),
  ),
  ...answers.map(
    (answer): BrokerSetMessage => ({
      type: 'brokerAnswered',
      term: term(7),
      askId: 3,
      answer,
    }),
  ),
  { type: 'brokersSeen', brokers: [{ ...broker, ageMs: 12.5, closed: false }] },
];

export const brokerSetSamples: readonly PeerMessage[] = [
  ...messages.map((message): PeerMessage => ({ kind: 'coordinator', message })),
  {
    kind: 'forward',
    forwardId: 11,
    request: {
      type: 'brokerSet',
      request: {
        kind: 'electMaster',
        ...name,
        brokerId: null,
        designated: false,
        unsafe: false,
        by: 'broker',
      },
    },
  },
  {
    kind: 'forward',
    forwardId: 12,
    request: {
      type: 'brokerSet',
      request: {
        kind: 'alterSyncStateSet',
        ...name,
        masterBrokerId: 1,
        masterEpoch: 4,
        syncStateSet: [1, 2],
        syncStateSetEpoch: 8,
      },
    },
  },
  { kind: 'forwardReply', forwardId: 11, reply: accepted({ kind: 'applied', index: 45, changed: true }) },
];
