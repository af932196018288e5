import type { TimeFence } from '../../core/failover/steering.ts';
import type { Command } from './connections.ts';
import { MIN_REPLICAS_OUT_OF_REACH } from './limits.ts';

/** Seconds between a master's pings to its slaves: of a running master, and of one whose writes are held back. */
export const PING_PERIOD = { running: '1', heldBack: '3600' } as const;

/** Settings of every managed server, checked by preflight and set when it is taken on. */
export const MANAGED_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  // Else the replication id of a lonely master changes after an hour, and its members need a full resync.
  ['repl-backlog-ttl', '0'],
  // Members prove that they receive by the age of the last byte: a ping a second keeps that age small.
  ['repl-ping-replica-period', PING_PERIOD.running],
  // Not 0, with which min-replicas-to-write would mean nothing; a master has that of its group instead.
  ['min-replicas-max-lag', '1'],
  ['replica-read-only', 'yes'],
  // A fenced server follows nobody and still has to answer reads.
  ['replica-serve-stale-data', 'yes'],
];

/** Whether a setting of {@link MANAGED_SETTINGS} is as it may be on a managed server, whatever its role. */
export const isAsManaged = (name: string, wanted: string, found: string | undefined): boolean =>
  found === wanted || (name === 'min-replicas-max-lag' && Number(found) >= 1);

/** The fence of a server that is nobody's master: no slaves can satisfy it. */
export const FENCED_SETTINGS = [
  ['min-replicas-to-write', MIN_REPLICAS_OUT_OF_REACH],
  ['min-replicas-max-lag', '1'],
] as const;

/** How a master stops by itself. Without a fence it never does. */
export const timeFenceSettings = (fence: TimeFence | null): readonly (readonly [string, string])[] => [
  ['min-replicas-to-write', String(fence?.minimumSlaves ?? 0)],
  ['min-replicas-max-lag', String(fence?.maximumLagSeconds ?? 1)],
];

export const setCommand = (settings: readonly (readonly [string, string])[]): Command => [
  'CONFIG',
  'SET',
  ...settings.flat(),
];
