/**
 * What a Sentinel would be told and pollux decides by itself; shown under the names that tools look for. A verdict
 * takes a majority of all nodes, so that is the quorum; full resyncs of one group go one at a time.
 */
export const PARALLEL_SYNCS = 1;
/** How long a Sentinel lets a failover take; here a phase is never given up for its age. */
export const FAILOVER_TIMEOUT_MS = 180_000;

export const quorumOf = (nodes: number): number => Math.floor(nodes / 2) + 1;
