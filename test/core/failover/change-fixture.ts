/** A running group as evidence shows it, for the tests of sync-set changes: m reigns, a2, b1 and b2 follow it. */
import type { ChangeInput, ReplicaState, SteeringProgress } from '../../../src/core/failover/change-step.ts';
import type { ServerReport } from '../../../src/core/liveness/observation.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import type { ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, addressOf, B1, B2, group, M, report } from './group-fixture.ts';

export const MASTER_OFFSET = 1_000n;
export const NOW_MS = 60_000;

export const following = (
  upstream: ReplicaId,
  change: Partial<NonNullable<ServerReport['follows']>> = {},
) => ({
  address: addressOf(upstream),
  linkUp: true,
  syncing: false,
  lastReceivedSecondsAgo: 0,
  ...change,
});

export const linked = (id: ReplicaId, change: Partial<ServerReport> = {}): ReplicaState => ({
  report: report(id, MASTER_OFFSET, { follows: following(M), ...change }),
  reachable: true,
  awayForMs: 0,
});

export const away = (id: ReplicaId, awayForMs = 5_000): ReplicaState => ({
  report: report(id, MASTER_OFFSET, { follows: following(M) }),
  reachable: false,
  awayForMs,
});

/** It answers, but does not follow the master. */
export const detached = (id: ReplicaId, change: Partial<ServerReport> = {}): ReplicaState => ({
  report: report(id, MASTER_OFFSET, change),
  reachable: true,
  awayForMs: 5_000,
});

const masterState: ReplicaState = {
  report: report(M, MASTER_OFFSET, { role: 'master', follows: null, connectedSlaves: 3 }),
  reachable: true,
  awayForMs: 0,
};

export function changeInput(
  change: Partial<BrokerGroup> = {},
  states: readonly (readonly [ReplicaId, ReplicaState])[] = [],
  progress: Partial<SteeringProgress> = {},
): ChangeInput {
  const of = group(change);
  const last = of.syncSets.at(-1);
  return {
    group: of,
    replicas: new Map([[M, masterState], [A2, linked(A2)], [B1, linked(B1)], [B2, linked(B2)], ...states]),
    progress: {
      granted: {
        version: last?.version ?? 0,
        inbound: last?.members.map((member) => member.replica) ?? [],
        timeFence: null,
        offset: MASTER_OFFSET,
        connectedSlaves: last?.members.length ?? 0,
        versionSinceMs: 0,
      },
      fenced: new Map(),
      chained: new Map(),
      notNow: new Set(),
      ...progress,
    },
    nowMs: NOW_MS,
    removeAfterMs: 1_300,
  };
}

export const granted = (
  version: number,
  inbound: readonly ReplicaId[],
  connectedSlaves = inbound.length,
  versionSinceMs = 0,
) => ({
  granted: { version, inbound, timeFence: null, offset: MASTER_OFFSET, connectedSlaves, versionSinceMs },
});
