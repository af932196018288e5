/** Settings of every managed server, checked by preflight and set when it is taken on. */
export const MANAGED_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  // Else the replication id of a lonely master changes after an hour, and its members need a full resync.
  ['repl-backlog-ttl', '0'],
  // Members prove that they receive by the age of the last byte: a ping a second keeps that age small.
  ['repl-ping-replica-period', '1'],
  ['min-replicas-max-lag', '1'],
  ['replica-read-only', 'yes'],
  // A fenced server follows nobody and still has to answer reads.
  ['replica-serve-stale-data', 'yes'],
];
