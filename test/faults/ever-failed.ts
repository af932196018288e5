/** Faults that pollux did not survive once. They are tried in every run of the tests, whatever else is. */
export const EVER_FAILED: readonly string[] = [
  'replication-cut-between-idcs',
  'master-and-two-nodes-killed-together',
];
