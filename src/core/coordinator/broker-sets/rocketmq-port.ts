/**
 * How a node asks a RocketMQ broker. The driver never decides: it asks what it is told to, on a connection of its own,
 * and says what came back. Every answer is a value; `ask` never rejects.
 */

/** One line of a broker's epoch file. The running epoch's end is 2^63 - 1 on the wire. */
export type BrokerEpoch = {
  readonly epoch: number;
  readonly startOffset: bigint;
  readonly endOffset: bigint;
};

export type BrokerAsk =
  /** A new connection, then GET_BROKER_EPOCH_CACHE (1007). Any well-formed answer shows a live process. */
  | { readonly kind: 'probe' }
  /**
   * NOTIFY_BROKER_ROLE_CHANGED (1008) as a request, so that the broker acknowledges it. A broker acts only on an epoch
   * above its own, so one that arrives twice or late changes nothing.
   */
  | {
      readonly kind: 'changeRole';
      readonly masterAddress: string | null;
      readonly masterBrokerId: number | null;
      readonly masterEpoch: number;
      readonly syncStateSet: readonly number[];
      readonly syncStateSetEpoch: number;
    };

export type BrokerAnswer =
  /** To a probe. What is null was not in the answer. `brokerId` is 0 on a broker that believes to be the master. */
  | {
      readonly kind: 'answered';
      readonly answerMs: number;
      readonly epochs: readonly BrokerEpoch[] | null;
      readonly maxOffset: bigint | null;
      readonly brokerId: number | null;
      readonly brokerName: string | null;
    }
  /** To a changeRole. */
  | { readonly kind: 'acknowledged' }
  /** A well-formed answer that says no: a broker outside of controller mode, an error while it changed its role. */
  | { readonly kind: 'answeredError'; readonly code: number; readonly remark: string }
  /** A new connection was refused. */
  | { readonly kind: 'refused'; readonly error: string }
  /** The new connection was closed or reset before an answer came. */
  | { readonly kind: 'disconnected'; readonly error: string }
  | { readonly kind: 'silent'; readonly waitedMs: number };

export type RocketmqPort = {
  ask(address: string, ask: BrokerAsk, timeoutMs: number): Promise<BrokerAnswer>;
  close(): Promise<void>;
};
