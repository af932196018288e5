/**
 * The record of one slave. A server that has not been caught up with its master's reign is no place to read from:
 * it is listed as disconnected, which every client that reads flags passes over.
 */
import { isCaughtUp } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, Replica } from '../../../core/metadata/state.ts';
import { splitAddress } from '../../../core/primitives/address.ts';
import { addressOf } from '../group-directory.ts';
import type { Sighting } from '../sightings.ts';
import { commonFields, type Fields } from './fields.ts';

const UNKNOWN_MASTER = { host: '?', port: '0' } as const;

export const slaveName = (slave: Replica): string => {
  const { host, port } = addressOf(slave);
  return `${host}:${port}`;
};

export function slaveRecord(group: BrokerGroup, slave: Replica, sighting: Sighting | null): Fields {
  const { host, port } = addressOf(slave);
  const isDown = sighting?.standing === 'suspect';
  const isConnected = sighting?.answers === true && isCaughtUp(group, slave);
  const follows = sighting?.report?.follows ?? null;
  const linkIsUp = follows?.linkUp === true;
  const flags = [
    ...(isDown ? ['s_down'] : []),
    'slave',
    ...(isConnected ? [] : ['disconnected']),
    ...(group.phase.kind === 'active' ? [] : ['master_down']),
    ...(linkIsUp && follows?.syncing === true ? ['reconf_inprog'] : []),
  ];
  const ageMs = sighting?.ageMs ?? 0;
  const silentMs = follows === null || linkIsUp ? 0 : Math.max(0, follows.lastReceivedSecondsAgo) * 1_000;
  const master = group.replicas.find(({ endpoints }) => endpoints.replication === follows?.address);
  const followed =
    master === undefined
      ? follows === null
        ? UNKNOWN_MASTER
        : splitAddress(follows.address)
      : addressOf(master);
  return [
    ...commonFields({
      name: slaveName(slave),
      host,
      port,
      runId: slave.incarnation ?? '',
      flags,
      failoverState: null,
      ageMs,
      isDown,
      isDownForAll: false,
      downAfterMs: group.detectionMs,
    }),
    ['info-refresh', String(Math.round(ageMs))],
    ['role-reported', sighting?.report?.role ?? 'slave'],
    ['role-reported-time', String(Math.round(ageMs))],
    ['master-link-down-time', String(silentMs)],
    ['master-link-status', linkIsUp ? 'ok' : 'err'],
    ['master-host', followed.host],
    ['master-port', followed.port],
    ['slave-priority', String(slave.priority)],
    ['slave-repl-offset', String(sighting?.report?.offset ?? 0n)],
    ['replica-announced', '1'],
    ['idc', slave.site],
    ['group-epoch', String(group.epoch)],
    ['sync-set-member', isCaughtUp(group, slave) ? '1' : '0'],
  ];
}
