/**
 * The record of a group's master. While a reign ends or begins the address stays that of the last master, and the flags
 * say that it is not to be used: clients that read them wait, those that do not find the server fenced. The flags go
 * in the same step of the log in which the new master is published.
 */
import { waitCountForAnyMaster } from '../../../core/failover/write-rule.ts';
import { masterOf } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, GroupPhase, Replica } from '../../../core/metadata/state.ts';
import { InvariantError, unreachable } from '../../../core/primitives/assert.ts';
import { addressOf } from '../group-directory.ts';
import type { Sighting } from '../sightings.ts';
import { commonFields, type Fields } from './fields.ts';
import { FAILOVER_TIMEOUT_MS, PARALLEL_SYNCS, quorumOf } from './settings.ts';

export type MasterSeen = {
  readonly name: string;
  readonly group: BrokerGroup;
  readonly sighting: Sighting | null;
  readonly slaves: number;
  /** Nodes of the tier, this one included, and those of them that have a Sentinel door. */
  readonly nodes: number;
  readonly doors: number;
};

/** The last master of a group that has had one; the directory lists no other. */
export function lastMaster(group: BrokerGroup): Replica {
  const master = masterOf(group);
  if (master === null) throw new InvariantError(`group ${group.key} is served and has no master`);
  return master;
}

/** A master that is not this node's to reach is not called down for that. */
export const isMasterDown = ({ group, sighting }: Pick<MasterSeen, 'group' | 'sighting'>): boolean =>
  group.phase.kind !== 'active' || sighting?.standing === 'suspect';

export function failoverState(phase: GroupPhase): string | null {
  switch (phase.kind) {
    case 'active':
      return null;
    case 'fencing':
      return 'select_slave';
    case 'promoting':
      return 'wait_promotion';
    default:
      return unreachable(phase);
  }
}

export function masterRecord(seen: MasterSeen): Fields {
  const { group, sighting } = seen;
  const master = lastMaster(group);
  const { host, port } = addressOf(master);
  const moves = group.phase.kind !== 'active';
  const isDown = isMasterDown(seen);
  const flags = [
    ...(isDown ? ['s_down'] : []),
    ...(moves ? ['o_down'] : []),
    'master',
    ...(sighting !== null && !sighting.answers ? ['disconnected'] : []),
    ...(moves ? ['failover_in_progress'] : []),
  ];
  const ageMs = sighting?.ageMs ?? 0;
  return [
    ...commonFields({
      name: seen.name,
      host,
      port,
      runId: master.incarnation ?? '',
      flags,
      failoverState: failoverState(group.phase),
      ageMs,
      isDown,
      isDownForAll: moves,
      downAfterMs: group.detectionMs,
    }),
    ['info-refresh', String(Math.round(ageMs))],
    ['role-reported', sighting?.report?.role ?? 'master'],
    ['role-reported-time', String(Math.round(ageMs))],
    ['config-epoch', String(group.epoch)],
    ['num-slaves', String(seen.slaves)],
    ['num-other-sentinels', String(seen.doors - 1)],
    ['quorum', String(quorumOf(seen.nodes))],
    ['failover-timeout', String(FAILOVER_TIMEOUT_MS)],
    ['parallel-syncs', String(PARALLEL_SYNCS)],
    ...promises(group, master),
  ];
}

/** Behind what a Sentinel sends, where no client that was read looks. */
function promises(group: BrokerGroup, master: Replica): Fields {
  const waitCount = waitCountForAnyMaster(group);
  return [
    ['idc', master.site],
    ['group-epoch', String(group.epoch)],
    ['policy', group.policy],
    // Nothing can be acknowledged at the moment: no count would do.
    ['wait-count', waitCount === null ? '' : String(waitCount)],
  ];
}
