/** One message of every kind and type between nodes, with the values that codecs stumble over. */

import type { ServerReport } from '../../src/core/liveness/observation.ts';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import {
  clusterName,
  epoch,
  groupKey,
  groupName,
  incarnation,
  lineage,
  replicaId,
  siteName,
  term,
} from '../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../src/core/primitives/refusal.ts';
import type { RaftEntry } from '../../src/core/raft/types.ts';
import { brokerSetSamples } from './peer-broker-set-samples.ts';

const group = groupKey(clusterName('main'), groupName('orders-a'));
const ref = { group, replica: replicaId('orders-a-1') };
const far = Number.MAX_SAFE_INTEGER;

const report: ServerReport = {
  incarnation: incarnation('run-1'),
  role: 'slave',
  loading: false,
  lineage: lineage('lineage-2'),
  secondLineage: null,
  secondOffset: -1n,
  offset: 2n ** 60n,
  follows: { address: '127.0.0.1:7101', linkUp: true, syncing: false, lastReceivedSecondsAgo: 0 },
  connectedSlaves: 0,
  epoch: null,
};

export const entries = (count: number, bytes: number, from = 1): RaftEntry[] =>
  Array.from({ length: count }, (_, position) => ({
    index: from + position,
    term: 3,
    kind: position % 5 === 0 ? 'empty' : 'command',
    data: position % 5 === 0 ? new Uint8Array(0) : new Uint8Array(bytes).fill(position % 256),
  }));

export const appendOf = (content: readonly RaftEntry[], round = 7): PeerMessage => ({
  kind: 'raft',
  message: {
    type: 'append',
    term: 4,
    previousIndex: (content[0]?.index ?? 1) - 1,
    previousTerm: 3,
    commitIndex: 12,
    entries: content,
    round,
  },
});

export const timeoutNow = (inTerm: number): PeerMessage => ({
  kind: 'raft',
  message: { type: 'timeoutNow', term: inTerm },
});

const raft: readonly PeerMessage[] = [
  { kind: 'raft', message: { type: 'preVote', term: 5, lastIndex: far, lastTerm: 4 } },
  { kind: 'raft', message: { type: 'preVoteReply', term: 5, granted: true } },
  { kind: 'raft', message: { type: 'vote', term: 5, lastIndex: 9, lastTerm: 4, transfer: false } },
  { kind: 'raft', message: { type: 'voteReply', term: 5, granted: false } },
  appendOf([]),
  appendOf(entries(12, 200)),
  appendOf(entries(7, 5_000, far - 100)),
  {
    kind: 'raft',
    message: { type: 'appendReply', term: 4, round: far, outcome: { accepted: true, matchIndex: 2 ** 40 } },
  },
  {
    kind: 'raft',
    message: {
      type: 'appendReply',
      term: 4,
      round: 1,
      outcome: { accepted: false, rejectedIndex: 9, hintIndex: 5, hintTerm: 2 },
    },
  },
  {
    kind: 'raft',
    message: {
      type: 'snapshotChunk',
      term: 4,
      snapshot: { index: 900, term: 3 },
      offset: 512,
      totalBytes: 600,
      data: new Uint8Array(88).fill(3),
      round: 2,
    },
  },
  {
    kind: 'raft',
    message: {
      type: 'snapshotChunk',
      term: 4,
      snapshot: { index: 900, term: 3 },
      offset: 0,
      totalBytes: 0,
      data: new Uint8Array(0),
      round: 2,
    },
  },
  {
    kind: 'raft',
    message: {
      type: 'snapshotReply',
      term: 4,
      snapshot: { index: 900, term: 3 },
      receivedBytes: 512,
      round: 2,
    },
  },
  timeoutNow(6),
];

const coordinator: readonly PeerMessage[] = [
  {
    kind: 'coordinator',
    message: { type: 'confirm', term: term(4), confirmId: 1, ref, incarnation: incarnation('run-1') },
  },
  {
    kind: 'coordinator',
    message: {
      type: 'confirmReply',
      term: term(4),
      confirmId: 1,
      ref,
      testimony: {
        site: siteName('idc-b'),
        verdict: 'dead',
        detail: 'refused: "ECONNREFUSED" — 没有',
        brokerSiteHeard: true,
      },
    },
  },
  {
    kind: 'coordinator',
    message: {
      type: 'alerts',
      term: term(4),
      alerts: [
        {
          group,
          code: 'unprovable',
          replica: null,
          message: 'bring orders-a-2 back',
          sinceWallMs: 1_700_000_000_000.5,
        },
      ],
    },
  },
  {
    kind: 'coordinator',
    message: {
      type: 'evidence',
      observations: [
        {
          observation: { ref, fresh: false, outcome: { kind: 'answered', answerMs: 0.4, report } },
          ageMs: 3,
        },
        {
          observation: { ref, fresh: true, outcome: { kind: 'answeredError', answerMs: 1, error: 'NOAUTH' } },
          ageMs: 0,
        },
        { observation: { ref, fresh: true, outcome: { kind: 'disconnected', error: 'reset' } }, ageMs: 0 },
        { observation: { ref, fresh: true, outcome: { kind: 'refused', error: 'refused' } }, ageMs: 0 },
        { observation: { ref, fresh: true, outcome: { kind: 'silent', waitedMs: 500 } }, ageMs: 0 },
      ],
    },
  },
  {
    kind: 'coordinator',
    message: {
      type: 'steer',
      broker: 'redis',
      request: {
        steerId: 8,
        path: 0,
        term: term(4),
        target: { ...ref, address: '127.0.0.1:7101' },
        action: {
          kind: 'promote',
          epoch: epoch(2),
          expectedIncarnation: incarnation('run-1'),
          minimumOffset: 2n ** 62n,
          members: [replicaId('orders-a-2')],
          producer: { syncSetVersion: 3, timeFence: null },
        },
      },
    },
  },
  {
    kind: 'coordinator',
    message: {
      type: 'steered',
      result: { steerId: 8, term: term(4), ref, outcome: { kind: 'done', report } },
    },
  },
];

const forwarded: readonly PeerMessage[] = [
  { kind: 'forward', forwardId: 3, request: { type: 'readBarrier' } },
  {
    kind: 'forward',
    forwardId: 4,
    request: { type: 'propose', command: { type: 'keyValue.set', key: 'a', value: '{"$bigint":"12"}' } },
  },
  { kind: 'forward', forwardId: 5, request: { type: 'failover', group, to: null, unsafe: true, by: 'eve' } },
  {
    kind: 'forward',
    forwardId: 6,
    request: {
      type: 'heartbeat',
      heartbeat: { group, replica: ref.replica, report, ordersSeen: null, holdMs: 1_000 },
    },
  },
  {
    kind: 'forward',
    forwardId: 7,
    request: { type: 'drillPlan', kind: 'evacuation', idc: siteName('idc-a'), groups: [group] },
  },
  {
    kind: 'forwardReply',
    forwardId: 7,
    reply: accepted({
      kind: 'drillPlan',
      rows: [
        {
          group,
          from: { replica: ref.replica, site: siteName('idc-a') },
          move: null,
          problem: { code: 'unprovable', message: 'nobody follows' },
          waitsFor: null,
        },
      ],
      leftOff: 1,
    }),
  },
  { kind: 'forwardReply', forwardId: 3, reply: accepted({ kind: 'current', index: 44 }) },
  {
    kind: 'forwardReply',
    forwardId: 5,
    reply: accepted({ kind: 'movePlan', from: ref.replica, to: ref.replica, lagBytes: 12n, steps: ['one'] }),
  },
  {
    kind: 'forwardReply',
    forwardId: 4,
    reply: refused('busy', 'Another move is under way.', { field: 'group' }),
  },
];

export const peerMessageSamples: readonly PeerMessage[] = [
  ...raft,
  ...coordinator,
  ...forwarded,
  ...brokerSetSamples,
];

/** The same message with its bytes as plain arrays, so that views of buffers compare by content. */
export function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, comparable(member)]));
}
