/** Bounds of this room. What the core may have out at once is in core/primitives/limits.ts. */
export const ROCKETMQ_LIMITS = {
  /** Connections at once to one broker: a role change that takes its time must not keep probes out. */
  connectionsPerBroker: 8,
  /** Largest frame that is read from a broker; the longest answer is its epoch file. */
  answerBytes: 4 * 1024 * 1024,
  /** Largest part of a broker's remark, or of an error text, that is passed on. */
  errorCharacters: 300,
} as const;
