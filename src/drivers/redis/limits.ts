/** Bounds of this room. What more than one room must agree on is in core/primitives/limits.ts. */
export const REDIS_LIMITS = {
  /** Actions that wait for one server; more are refused, the leader asks again. */
  steersWaitingPerServer: 64,
  /** A steering or administrative connection has to stand and be logged in by then. */
  steerConnectTimeoutMs: 1_000,
  /** One command or transaction of a steering connection has to be answered by then. */
  steerCommandTimeoutMs: 2_000,
  /** A closed connection that the other side does not close as well is destroyed after this. */
  disconnectTimeoutMs: 50,
  /** Looks at a new master for its backlog, and the time between two. */
  backlogChecks: 200,
  backlogCheckIntervalMs: 2,
  /** Most that is read of an old master's tail, and the time for it. */
  tailBytes: 64 * 1024 * 1024,
  tailReadTimeoutMs: 5_000,
  /** A line with which a server answers before it streams. */
  streamLineBytes: 4 * 1024,
  /** A steering connection without work is closed, so that an idle leader holds none. */
  handIdleMs: 30_000,
  /** Largest part of a server's error text that is passed on. */
  errorCharacters: 300,
} as const;

/** A value that no server can reach: `min-replicas-to-write` of a fenced server. */
export const MIN_REPLICAS_OUT_OF_REACH = '2147483647';
