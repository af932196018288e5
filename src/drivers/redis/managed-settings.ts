/** Seconds between a master's pings to its slaves: of a running master, and of one whose writes are held back. */
export const PING_PERIOD = { running: '1', heldBack: '3600' } as const;

/** Settings of every managed server, checked by preflight and set when it is taken on. */
export const MANAGED_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  // Else the replication id of a lonely master changes after an hour, and its members need a full resync.
  ['repl-backlog-ttl', '0'],
  // Members prove that they receive by the age of the last byte: a ping a second keeps that age small.
  ['repl-ping-replica-period', PING_PERIOD.running],
  ['min-replicas-max-lag', '1'],
  ['replica-read-only', 'yes'],
  // A fenced server follows nobody and still has to answer reads.
  ['replica-serve-stale-data', 'yes'],
];
