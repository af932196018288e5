/** Every bound of what is read from RocketMQ's brokers and clients, and from what answers at a broker's address. */
export const REMOTING_LIMITS = {
  /** What follows the length of a frame: the bound of RocketMQ's own peers, who close a connection for more. */
  frameBytes: 16_777_216,
  /** Header of one frame: a few names, a value of the KV configuration or a remark. Stock peers set no bound. */
  headerBytes: 64 * 1024,
  /** Fields of one header. The longest header of the protocol has about twenty. */
  headerFields: 256,
} as const;
