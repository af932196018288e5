/**
 * Every bound of the tier by name. A queue, batch, retry or map without a line here is a bug. The relations
 * that other code leans on are asserted by {@link assertLimits} when a node starts.
 */
import { assert } from './assert.ts';

export const LIMITS = {
  /** Largest encoded command; larger proposals are refused at the door. */
  commandBytes: 256 * 1024,
  /** Commands taken into one log batch. */
  entriesPerAppend: 1_024,
  /** A leader does not cut what waits into messages and batches of fewer entries than these, but for the last one. */
  entriesWorthAWrite: 16,
  /** Bytes of entries in one append message. A single larger entry still travels alone. */
  bytesPerAppend: 1024 * 1024,
  /** Append messages on the way to one follower before the leader waits for an answer. */
  appendsInFlight: 64,
  /** Bytes of appends on the way to one follower before the leader waits for an answer. */
  appendBytesInFlight: 8 * 1024 * 1024,
  /** Bytes of commands that a leader takes before a majority has them; more are not taken. */
  uncommittedBytes: 64 * 1024 * 1024,
  /** Linearizable reads that wait for their round. */
  readsWaiting: 16_384,
  /** Committed entries handed out for application in one go; the rest follows in the next batch. */
  entriesPerApply: 8_192,
  /** Rounds of a leader whose send time is remembered; an answer to an older one renews no lease. */
  roundsRemembered: 4_096,
  /** Largest snapshot of the replicated state. */
  snapshotBytes: 1024 * 1024 * 1024,
  /** Bytes of one snapshot chunk on the wire. */
  snapshotChunkBytes: 512 * 1024,
  /** One frame between nodes. */
  peerFrameBytes: 8 * 1024 * 1024,
  /** Bytes waiting for one peer before older messages are dropped; Raft resends. */
  peerQueueBytes: 32 * 1024 * 1024,
  /** Batches that may wait for the disk; the loop has one under way at a time. */
  persistsWaiting: 64,
  /** Bytes of a snapshot in one record of the disk log. */
  snapshotRecordBytes: 1024 * 1024,
  /** Bytes of entries in one record of the disk log. A single larger entry is a record of its own. */
  logBlockBytes: 256 * 1024,
  /** Old entries that one batch deletes behind a snapshot; the rest goes with the next batches. */
  deletesPerPersist: 2_048,
  /** Bytes of one peer handed to the system at a time; what waits behind them can still be dropped. */
  peerBytesInSocket: 1024 * 1024,
  /** Connections of peers that have not proven yet that they know the tier's secret. */
  peerHandshakes: 64,
  /** One frame of a peer that has proven nothing yet. */
  peerHandshakeFrameBytes: 4 * 1024,
  /** Log entries kept before a snapshot is taken, and their bytes: whichever is reached first. */
  entriesBeforeSnapshot: 50_000,
  bytesBeforeSnapshot: 64 * 1024 * 1024,
  /** Entries and bytes kept behind a snapshot so that a slow follower need not load it. */
  entriesKeptBehindSnapshot: 5_000,
  bytesKeptBehindSnapshot: 16 * 1024 * 1024,
  /** Inputs that wait while a batch is on its way to the disk. */
  inboxInputs: 20_000,
  /** Client requests a node has under way. */
  requestsInFlight: 4_096,
  /** Body of one HTTP request. */
  httpBodyBytes: 256 * 1024,
  clusters: 64,
  groups: 10_000,
  /** Groups that a leader looks at in one turn, beside those that it hears of. */
  groupsPerSweep: 64,
  /** Fresh probes that a node has out because somebody doubts a master; the oldest question is dropped for a new one. */
  confirmationProbes: 20_000,
  /** Servers that were looked at for a declaration not long ago. */
  preflightClaims: 4_096,
  /** Servers of removed groups that wait to be given back. */
  releasesWaiting: 4_096,
  /** Alerts that the leader tells the other nodes, newest first. */
  alertsShared: 256,
  /** Actions that a node carries out for the leader and whose results it still awaits. */
  actionsRelayed: 4_096,
  replicasPerGroup: 9,
  /** RocketMQ: brokers that one set may have. */
  brokersPerSet: 32,
  /** RocketMQ brokers that a node keeps evidence of, and those in one message to another node. */
  brokersTracked: 20_000,
  brokersSeenAtOnce: 500,
  /** Lines of a broker's epoch file in one answer. */
  brokerEpochs: 4_096,
  /** Epochs that an answer carries on from one node to another: the newest decide. */
  brokerEpochsPassedOn: 16,
  /** Questions to RocketMQ brokers that a leader has out. */
  brokerAsksOut: 4_096,
  /** Masters that a node asks at one time because it has not heard them since it was started. */
  mastersReachedForAtOnce: 64,
  /** Rounds about suspected RocketMQ brokers that are open at once; further suspicions wait for their turn. */
  brokerRounds: 1_024,
  /** Who may wait for the master of one RocketMQ broker set. */
  brokerSetAskers: 64,
  /** Deviations that one look at a server names, and administrators outside of the tier; more are left out. */
  findingsPerCheck: 256,
  administratorsPerCheck: 256,
  /** Replicas of which one node shows distributions of its own; of all others the smoothed answer time. */
  replicasMeasured: 2_000,
  /** Servers that come back and may need all data of their group, over all groups, at once. */
  resyncsAtOnce: 8,
  topics: 100_000,
  queuesPerTopic: 1_024,
  consumerGroups: 20_000,
  membersPerConsumerGroup: 10_000,
  /** RocketMQ broker sets of the Controller, and of the NameServer. */
  brokerSets: 4_096,
  /** Stops of automatic action; there is one a scope. */
  automaticStops: 16_384,
  /** Elections and lost masters of broker sets kept, oldest dropped first. */
  brokerSetRecords: 1_000,
  /** Brokers registered with the NameServer. */
  registrations: 16_384,
  /** Topics that registered brokers have, and the places where they have them: one a topic and broker set. */
  registeredTopics: 500_000,
  topicPlaces: 1_000_000,
  /** Topics, and logical queues of them, that are static. */
  staticTopics: 10_000,
  staticQueuesPerTopic: 4_096,
  /** Consumers and queues of a RocketMQ topic that one allocation plan is made for. */
  consumersPerAllocationPlan: 1_000,
  queuesPerAllocationPlan: 4_096,
  /** Longest name of a RocketMQ topic: that of a retry topic is a consumer group's with a word in front. */
  rocketmqTopicCharacters: 300,
  /** Different kinds of queues (numbers and permission) that are held once only, of all broker sets. */
  queueKinds: 8_192,
  /** Topics with a rule of their own about near and far. */
  topicNears: 10_000,
  /** Namespaces of RocketMQ's key-value configuration, and keys in each. */
  namespaces: 1_024,
  keysPerNamespace: 10_000,
  /** Bytes of topics that one command of a registration carries. */
  registrationBytes: 192 * 1024,
  labelsPerObject: 32,
  keyValues: 10_000,
  operatorTokens: 256,
  /** Changes by operators that the history keeps. */
  historyChanges: 500,
  /** Failover, switchover and drill records kept, oldest dropped first. */
  historyRecords: 1_000,
  /** Of these, records of suspicions that moved nothing. */
  historyNotes: 300,
  /** Evacuations and returns kept, the newest with a row a group. */
  drillsKept: 64,
  /** Groups that an ended drill still names because they did not end as asked. */
  drillTroublesKept: 32,
  /** Groups that the preview of a drill shows; it has to fit into one answer between nodes. */
  drillPlanRows: 2_000,
  /** Groups that a drill may be told by name. */
  groupsPerNamedDrill: 256,
  /** Groups in their move at once that a drill may ask for. */
  drillMovesAtOnce: 64,
  /** Full resyncs at once up to which a drill may go on to begin moves. */
  drillResyncsAtOnce: 64,
  /** Times that a drill tries to move one group. */
  drillAttempts: 5,
  /** Longest time of health that a return may wait for. */
  returnAfterMs: 7 * 86_400_000,
  /** Masters do not come back by themselves sooner, or they might never stay anywhere. */
  returnAfterAtLeastMs: 1_000,
  /** Longest time for which a planned move holds writes back on the master. */
  writesHeldMs: 2_000,
  /** The slave must have caught up within this part of that time; the rest is for fencing and promoting. */
  catchUpMs: 1_200,
  /** Notes of suspicions that a leader commits in a second, of all groups together; further ones are only logged. */
  notesPerSecond: 50,
  /** Evidence lines kept with one history record. */
  evidencePerRecord: 64,
  /** Tails of old masters that a node keeps, and their bytes together; the oldest go first. */
  tailsKept: 64,
  tailBytesKept: 1024 * 1024 * 1024,
  /** Commands of a kept tail that one answer shows, and their bytes together. */
  tailCommandsShown: 10_000,
  tailBytesShown: 1024 * 1024,
  /** Kept tails that a node reads at once to show them. */
  tailsReadAtOnce: 1,
  /** Tails that wait to be written, one after the other; further ones are not kept. */
  tailsWaiting: 256,
  /** Bytes of a tail that are gone through before other work gets its turn. */
  tailBytesParsedAtOnce: 1024 * 1024,
  nameCharacters: 127,
  /** Opaque words of others: incarnations, lineages, record and token ids, `host:port`. */
  opaqueCharacters: 512,
  /** Reasons, owners, and the detail of one history line; longer details are cut when they are stored. */
  textCharacters: 512,
  /** Value of one label or attribute. */
  labelCharacters: 512,
  keyValueKeyCharacters: 255,
  keyValueCharacters: 8_192,
  sites: 16,
  tierMembers: 9,
  /** Groups that one topic is spread over. */
  groupsPerTopic: 1_024,
  /** Ended reigns remembered for a group, the running one included. */
  reignsPerGroup: 16,
  /**
   * Promotions given up one after the other that a group remembers, oldest dropped first: a server that was last let
   * in or made a master by a forgotten one counts for nothing.
   */
  promotionsGivenUp: 16,
  /** Steps that may be added to one history record; those of its phases always fit. */
  stepsPerRecord: 64,
  /** Longest that a group may let a master without its slaves go on for clients that do not wait, in seconds. */
  timeFenceSeconds: 600,
  /** Shortest and longest silence before suspicion that a group may ask for. */
  shortestDetectionMs: 100,
  longestDetectionMs: 60_000,
  /** A detection time holds so many probes at least, or one late answer would be a suspicion. */
  probesPerDetection: 2,
  /** Longest time for which automatic action may be stopped before it goes on by itself. */
  longestStopMs: 2_592_000_000,
  /** Longest time for which a group may ask to be left alone after an automatic failover. */
  longestCooldownMs: 86_400_000,
  /** Longest that a heartbeat's answer is held open, in milliseconds. */
  heartbeatHoldMs: 30_000,
  /** Heartbeats of brokers whose answers one node holds open. */
  heartbeatsHeld: 4_096,
  /** Heartbeats of one replica held open at once; a broker asks each node, and the leader holds them all. */
  heartbeatsHeldPerReplica: 16,
  /** Steering actions, and fresh probes, that wait for one self-registering replica. */
  waitingPerReplica: 16,
  /** Open HTTP connections of one node. */
  httpConnections: 16_384,
  /** Longest that a route's answer is held open for news, in milliseconds. */
  routeHoldMs: 10_000,
  /** Route answers that one node holds open; further ones are given at once. */
  routesHeld: 4_096,
  /** Ready-made route answers that a node's HTTP door keeps. */
  cachedRoutes: 20_000,
  /** Readers of the event stream of one node. */
  eventStreams: 256,
  /** Bytes that wait for one reader of the event stream before it is cut off. */
  eventStreamBytes: 256 * 1024,
  addressRanges: 1_024,
  /** Open connections of the Sentinel door. */
  sentinelConnections: 16_384,
  /** Words of one request at the Sentinel door, and their bytes together. */
  sentinelRequestWords: 1_024,
  sentinelRequestBytes: 256 * 1024,
  /** A line of a request: the head of an array or word, or an inline command. */
  sentinelLineBytes: 64 * 1024,
  /** Channels and patterns of one client, and the characters of each, as of what a client calls itself. */
  sentinelSubscriptions: 1_024,
  sentinelNameCharacters: 256,
  /** Bytes that wait for one client of the Sentinel door before it is cut off. */
  sentinelClientBytes: 1024 * 1024,
  /** Subscribers that a node which is cut off sends away in one go; the next ones follow with its next look. */
  sentinelSentAwayAtOnce: 512,
  /** Users that a node's configuration may name for the Sentinel door. */
  sentinelUsers: 1_024,
  /** Masters of a real Sentinel that one answer names, and slaves of a master that are read from one. */
  mastersPerSentinel: 1_000,
  slavesPerMaster: 64,
  /** Sentinels of one master that are asked when it is taken over. */
  sentinelsPerMaster: 32,
  /** Servers whose IDC an operator says in one request. */
  serversPlaced: 1_024,
  /** Open connections of the RocketMQ door. */
  rocketmqConnections: 16_384,
  /** Requests of one connection that wait for an answer; while so many do, nothing more is read from it. */
  rocketmqRequestsServed: 64,
  /** Bytes that wait for one connection of the RocketMQ door before it is cut off. */
  rocketmqOutgoingBytes: 1024 * 1024,
  /** Bytes of requests that have not arrived completely or wait for their answer, over all connections; who goes beyond is cut off. */
  rocketmqIncomingBytes: 256 * 1024 * 1024,
  /** Bytes of ready-made answers that a node's RocketMQ door keeps. */
  rocketmqReadyAnswerBytes: 64 * 1024 * 1024,
  /** Bytes of checksums of registrations that a node's RocketMQ door keeps to compare the next ones with. */
  rocketmqPrintBytes: 16 * 1024 * 1024,
  /** Requests that one node holds up until it knows that it is current. */
  rocketmqWaitingForCurrent: 4_096,
  /** Brokers that speak over one connection; those of one process may share it. */
  rocketmqBrokersPerConnection: 64,
  /** Brokers of which one node remembers what they said last. */
  rocketmqBrokersHeard: 20_000,
  /** Sync-set rules of one group that may be in force at once while memberships change. */
  rulesInForce: 8,
} as const;

export function assertLimits(): void {
  assert(LIMITS.commandBytes < LIMITS.bytesPerAppend, 'a command must fit into one append');
  assert(
    LIMITS.entriesWorthAWrite <= LIMITS.entriesPerAppend,
    'a write that is worth it fits into an append',
  );
  assert(LIMITS.registrationBytes < LIMITS.commandBytes, 'a part of a registration must fit into a command');
  assert(LIMITS.httpBodyBytes <= LIMITS.commandBytes, 'an accepted body must fit into a command');
  assert(
    LIMITS.bytesPerAppend * 2 < LIMITS.peerFrameBytes,
    'an append and its headers must fit into a frame',
  );
  assert(LIMITS.snapshotChunkBytes * 2 < LIMITS.peerFrameBytes, 'a snapshot chunk must fit into a frame');
  assert(
    LIMITS.bytesPerAppend <= LIMITS.appendBytesInFlight,
    'one full append must fit into what may be under way',
  );
  assert(
    LIMITS.appendBytesInFlight * 2 < LIMITS.peerQueueBytes,
    'appends under way must not overflow a peer queue',
  );
  assert(LIMITS.catchUpMs < LIMITS.writesHeldMs, 'time is left for a move once the slave has caught up');
  assert(LIMITS.requestsInFlight < LIMITS.readsWaiting, 'every request under way may be a read');
  assert(LIMITS.peerFrameBytes * 2 < LIMITS.peerQueueBytes, 'a peer queue must hold more than one frame');
  assert(
    LIMITS.entriesKeptBehindSnapshot < LIMITS.entriesBeforeSnapshot,
    'a snapshot must drop some entries or it would be taken for ever',
  );
  assert(
    LIMITS.bytesKeptBehindSnapshot * 2 < LIMITS.bytesBeforeSnapshot,
    'most of a log of large entries goes with a snapshot',
  );
  assert(LIMITS.requestsInFlight < LIMITS.inboxInputs, 'requests alone must not overflow the inbox');
  assert(LIMITS.historyNotes * 2 < LIMITS.historyRecords, 'most of the history is for moves');
  assert(
    LIMITS.longestDetectionMs <= LIMITS.longestCooldownMs,
    'a group may be left alone for longer than it takes to suspect its master',
  );
  assertRocketmqLimits();
}

function assertRocketmqLimits(): void {
  const { brokerAsksOut, brokersTracked, brokersSeenAtOnce, peerFrameBytes } = LIMITS;
  assert(
    LIMITS.brokerRounds * 2 + LIMITS.mastersReachedForAtOnce <= brokerAsksOut,
    'rounds leave room to ask who may follow',
  );
  assert(brokerAsksOut <= LIMITS.actionsRelayed, 'a node can ask for its leader all that it asks itself');
  assert(LIMITS.registrations <= brokersTracked, 'of every registered broker there may be evidence');
  assert(LIMITS.registrations <= LIMITS.rocketmqBrokersHeard, 'every registered broker may be heard');
  assert(brokersSeenAtOnce <= brokersTracked, 'a portion is no more than the whole');
  const seenBytes = 4 * (LIMITS.opaqueCharacters + 2 * LIMITS.nameCharacters);
  assert(brokersSeenAtOnce * seenBytes < peerFrameBytes, 'a portion of evidence must fit into a frame');
  assert(LIMITS.brokerEpochsPassedOn <= LIMITS.brokerEpochs, 'what is passed on can be read');
  const { stepsPerRecord, brokersPerSet } = LIMITS;
  assert(stepsPerRecord >= 2 * brokersPerSet, 'each broker of a set may acknowledge its role in a record');
}
