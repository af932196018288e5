import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BrokerGroup, FencingReason } from '../../../../src/core/metadata/state.ts';
import {
  epoch,
  incarnation,
  lineage,
  type ReplicaId,
  replicaId,
} from '../../../../src/core/primitives/identifiers.ts';
import { eventsOf } from '../../../../src/doors/sentinel/events/group-events.ts';
import { fakeNode, keyOf, must } from '../../http/fake-node.ts';

const NAME = 'orders-a';
const key = keyOf(NAME);
const [first, second, third] = [1, 2, 3].map((position) => replicaId(`${NAME}-${position}`));

function groupWith() {
  const node = fakeNode();
  const group = (): BrokerGroup => {
    const found = node.store.groups.get(key);
    assert.ok(found);
    return found;
  };
  const fence = (reason: FencingReason, next = 2): BrokerGroup => {
    must(
      node.apply({
        type: 'group.fence',
        key,
        expectedEpoch: epoch(next - 1),
        epoch: epoch(next),
        reason,
        preferred: null,
        unsafe: false,
        note: '',
        by: 'pollux',
        evidence: [],
        recordId: `r${next}`,
        wallMs: 5_000,
      }),
    );
    return group();
  };
  const promote = (
    candidate: ReplicaId | undefined,
    members: readonly (ReplicaId | undefined)[],
    next = 2,
  ): BrokerGroup => {
    assert.ok(candidate);
    must(
      node.apply({
        type: 'group.promote',
        key,
        epoch: epoch(next),
        candidate,
        incarnation: incarnation(`run-${candidate}`),
        cut: 9_007_199_254_741_000n,
        cutLineage: lineage('lineage-1'),
        members: members.flatMap((replica) =>
          replica === undefined
            ? []
            : [{ replica, incarnation: incarnation(`run-${replica}`), caughtUp: false }],
        ),
        rule: { kind: 'anyOf', k: 1 },
        degraded: false,
        candidates: [],
        predictedLossBytes: null,
        cutEpoch: epoch(1),
        branches: [],
        incarnations: [],
        wallMs: 5_100,
      }),
    );
    return group();
  };
  const activate = (next = 2, reinstated = false): BrokerGroup => {
    must(
      node.apply({
        type: 'group.activate',
        key,
        epoch: epoch(next),
        lineage: lineage(`lineage-${next}`),
        reinstated,
        wallMs: 5_200,
      }),
    );
    return group();
  };
  return { group, fence, promote, activate };
}

const told = (before: BrokerGroup | null, after: BrokerGroup | null, isToldDown = false): string[] =>
  eventsOf({ name: NAME, before, after, quorum: 2, isToldDown }).map(
    ({ channel, payload }) => `${channel} ${payload}`,
  );

const OLD = `master ${NAME} 127.0.0.1 7101`;
const NEW = `master ${NAME} 127.0.0.1 7102`;
const slave = (port: number, master: number): string =>
  `slave 127.0.0.1:${port} 127.0.0.1 ${port} @ ${NAME} 127.0.0.1 ${master}`;

const BEGUN = [
  `+sdown ${OLD}`,
  `+odown ${OLD} #quorum 2/2`,
  '+new-epoch 2',
  `+try-failover ${OLD}`,
  `+failover-state-select-slave ${OLD}`,
];
const SELECTED = [
  '+selected-slave',
  '+failover-state-send-slaveof-noone',
  '+failover-state-wait-promotion',
].map((channel) => `${channel} ${slave(7102, 7101)}`);
const SWITCHED = [
  `+promoted-slave ${slave(7102, 7101)}`,
  `+failover-state-reconf-slaves ${OLD}`,
  `+switch-master ${NAME} 127.0.0.1 7101 127.0.0.1 7102`,
  `+slave ${slave(7101, 7102)}`,
  `+slave ${slave(7103, 7102)}`,
];

describe('eventsOf', () => {
  it('tells nothing where nothing changed', () => {
    const { group } = groupWith();
    assert.deepEqual(told(group(), group()), []);
  });

  it('tells of a group that is taken on, and of one that is given back', () => {
    const { group } = groupWith();
    assert.deepEqual(told(null, group()), [
      `+monitor ${OLD} quorum 2`,
      `+slave ${slave(7102, 7101)}`,
      `+slave ${slave(7103, 7101)}`,
    ]);
    assert.deepEqual(told(group(), null), [`-monitor ${OLD}`]);
  });

  it('tells of a failover step by step', () => {
    const { group, fence, promote, activate } = groupWith();
    const before = group();
    const fenced = fence('masterLost');
    assert.deepEqual(told(before, fenced), BEGUN);
    // The clients know already that it is down.
    assert.deepEqual(told(before, fenced, true), BEGUN.slice(1));
    const promoting = promote(second, [third]);
    assert.deepEqual(told(fenced, promoting, true), SELECTED);
    const active = activate();
    assert.deepEqual(told(promoting, active, true), [...SWITCHED, `-odown ${NEW}`, `-sdown ${NEW}`]);
  });

  it('tells all of it in order where a node catches up in one go', () => {
    const { group, fence, promote, activate } = groupWith();
    const before = group();
    fence('masterLost');
    promote(second, [third]);
    // By then nobody is down any more, so nobody is told so.
    assert.deepEqual(told(before, activate()), [...BEGUN.slice(2), ...SELECTED, ...SWITCHED]);
  });

  it('calls nobody down in a planned move', () => {
    const { group, fence } = groupWith();
    assert.deepEqual(told(group(), fence('switchover')), BEGUN.slice(2));
  });

  it('tells that a master goes on that came back', () => {
    const { fence, promote, activate } = groupWith();
    const fenced = fence('masterLost');
    promote(first, [second, third]);
    assert.deepEqual(told(fenced, activate(2, true), true), [
      `-odown ${OLD}`,
      `-sdown ${OLD}`,
      `+failover-end ${OLD}`,
    ]);
  });

  it('sends exactly five words with +switch-master, for clients that count them', () => {
    const payload = SWITCHED[2]?.slice('+switch-master '.length) ?? '';
    assert.equal(payload.split(' ').length, 5);
  });
});
