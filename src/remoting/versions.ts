/**
 * Releases as headers give them: the ordinal in the list of all releases and snapshots. A peer that is newer than the
 * list of the other side is taken for its last entry, so that versions are compared by `>=` only.
 */
export const VERSION = {
  v3_0_11: 37,
  v4_9_0: 393,
  v4_9_3: 399,
  v4_9_4: 401,
  v4_9_8: 409,
  v5_0_0: 413,
  v5_1_0: 433,
  v5_1_1: 435,
  v5_1_4: 441,
  v5_2_0: 453,
  v5_3_0: 473,
  v5_3_1: 475,
  v5_3_2: 477,
  v5_3_3: 479,
  v5_4_0: 493,
  v5_5_0: 513,
} as const;

/** What frames of ours say. Clients keep the versions of brokers, and of nobody else. */
export const OUR_VERSION: number = VERSION.v5_3_3;

/** Registrations carry a whole RegisterBrokerBody; older ones only the topics of it. */
export const sendsWholeRegistration = (version: number): boolean => version >= VERSION.v3_0_11;
