/** Every bound of what is read from RocketMQ's brokers and clients, and from what answers at a broker's address. */
export const REMOTING_LIMITS = {
  /** What follows the length of a frame: the bound of RocketMQ's own peers, who close a connection for more. */
  frameBytes: 16_777_216,
  /** Header of one frame: a few names, a value of the KV configuration or a remark. Stock peers set no bound. */
  headerBytes: 64 * 1024,
  /** Fields of one header. The longest header of the protocol has about twenty. */
  headerFields: 256,
  /** Objects and lists inside one another in a body. The deepest body of the protocol has about eight. */
  jsonDepth: 32,
  /** Values and keys of one body, those counted again that a reference repeats. A full frame of topics has fewer. */
  jsonValues: 2_000_000,
  /** Characters of one number; those of 64 bits have twenty at most. */
  jsonNumberCharacters: 40,
  /** What the compressed body of a registration may become. */
  inflatedBytes: 16_777_216,
  /** Brokers of one set that a body names. */
  brokersPerSet: 64,
  /** Epochs of one broker's log: it has one for each master since its oldest message. */
  epochsPerBroker: 100_000,
  /** Broker sets of which one request may ask. */
  namesPerQuestion: 10_000,
  /** Lines of a configuration; RocketMQ's own has a few hundred. */
  properties: 4_096,
} as const;
