/** A group that goes through failovers, step by committed step, on a node of one. */
import assert from 'node:assert/strict';
import type { BrokerGroup, FencingReason, SyncSet } from '../../../../src/core/metadata/state.ts';
import {
  epoch,
  incarnation,
  lineage,
  type ReplicaId,
  replicaId,
} from '../../../../src/core/primitives/identifiers.ts';
import { fakeNode, keyOf, must } from '../../http/fake-node.ts';

export const NAME = 'orders-a';
const key = keyOf(NAME);
export const first = replicaId(`${NAME}-1`);
export const second = replicaId(`${NAME}-2`);
export const third = replicaId(`${NAME}-3`);

export function groupWith() {
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
  const promote = (candidate: ReplicaId, members: readonly ReplicaId[], next = 2): BrokerGroup => {
    must(
      node.apply({
        type: 'group.promote',
        key,
        epoch: epoch(next),
        candidate,
        incarnation: incarnation(`run-${candidate}`),
        cut: 9_007_199_254_741_000n,
        cutLineage: lineage('lineage-1'),
        members: members.map((replica) => ({
          replica,
          incarnation: incarnation(`run-${replica}`),
          caughtUp: false,
        })),
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
  const newest = (): SyncSet => {
    const set = group().syncSets.at(-1);
    assert.ok(set);
    return set;
  };
  const markCaughtUp = (replicas: readonly ReplicaId[]): BrokerGroup => {
    const { epoch: of, version } = newest();
    must(node.apply({ type: 'group.markCaughtUp', key, epoch: of, version, replicas }));
    return group();
  };
  /** None of its members is caught up under a new set yet. */
  const changeSyncSet = (replicas: readonly ReplicaId[]): BrokerGroup => {
    const { epoch: of, version, rule } = newest();
    const processes = replicas.map((replica) => ({ replica, incarnation: incarnation(`run-${replica}`) }));
    must(
      node.apply({
        type: 'group.changeSyncSet',
        key,
        epoch: of,
        expectedVersion: version,
        members: processes.map((member) => ({ ...member, caughtUp: false })),
        rule,
        degraded: false,
        incarnations: processes,
        detail: '',
        wallMs: 5_300,
      }),
    );
    return group();
  };
  return { node, group, fence, promote, activate, markCaughtUp, changeSyncSet };
}
