/** Every bound of the SDK by name; those that the tier shares are in core/primitives. */
export const SDK_LIMITS = {
  /** Nodes that a client tries, one after the other, for one question. */
  nodesPerClient: 16,
  /** Topics whose route a client remembers; the longest unused is forgotten first. */
  topicsPerClient: 1_024,
  /** Incarnations of the tier that a client has left and does not go back to. */
  incarnationsLeft: 64,
  /** Answer of a node. A route of the largest topic fits several times. */
  answerBytes: 16 * 1024 * 1024,
  /** Body, key and properties of one message. */
  messageBytes: 1024 * 1024,
  propertiesPerMessage: 64,
  /** Messages of one producer that are not settled yet. */
  messagesInFlight: 10_000,
  /** Connections of one producer to one master: while the slaves of one batch are waited for, another is written. */
  writeConnectionsPerGroup: 2,
  /** Messages and bytes that share one WAIT. */
  messagesPerBatch: 256,
  bytesPerBatch: 2 * 1024 * 1024,
  /** Attempts of one send, whatever time is left. */
  attemptsPerSend: 100,
  /** First and longest pause between two attempts; each pause is about twice the one before. */
  backoffFirstMs: 20,
  backoffLongestMs: 500,
  /** A master that refuses writes for want of slaves is asked again at once so often, and believed after so long. */
  retriesAtOnce: 3,
  shortForMs: 500,
  /** A write that comes so long after its last refusal finds out anew whether it has slaves. */
  shortForgottenMs: 2_000,
  /** How long a group that just failed is passed over while another one takes writes. */
  avoidFailedGroupMs: 1_000,
  /** A write that is not settled after this may be waiting for a master that is gone: its client asks for news. */
  newsAfterMs: 200,
  /** Longest that a node is asked to hold its answer for news of a route, and the time that it has beyond. */
  newsHoldMs: 2_000,
  newsGraceMs: 500,
  /** A node that answered at once and had no news is asked again within this time, while a write is overdue. */
  newsAgainMs: 100,
  /** Nodes that are asked for news at the same time: one of them may be silent. */
  nodesAskedForNews: 3,
  /** Handlers of one consumer that may run at once, at most. */
  handlersInFlight: 1_024,
  /** Messages of one consumer that are handled and whose acknowledgement has not got through yet. */
  unacknowledgedHandled: 10_000,
  /** Entries of one page of pending messages. */
  entriesPerPage: 128,
  /** Time that a broker has to answer beyond the time that it was asked to block. */
  answerGraceMs: 1_000,
  connectMs: 1_000,
} as const;
