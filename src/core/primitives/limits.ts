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
  /** Bytes of entries in one append message. A single larger entry still travels alone. */
  bytesPerAppend: 1024 * 1024,
  /** Append messages on the way to one follower before the leader waits for an answer. */
  appendsInFlight: 64,
  /** Bytes of one snapshot chunk on the wire. */
  snapshotChunkBytes: 512 * 1024,
  /** One frame between nodes. */
  peerFrameBytes: 8 * 1024 * 1024,
  /** Bytes waiting for one peer before older messages are dropped; Raft resends. */
  peerQueueBytes: 32 * 1024 * 1024,
  /** Log entries kept before a snapshot is taken. */
  entriesBeforeSnapshot: 50_000,
  /** Entries kept behind a snapshot so that a slow follower need not load it. */
  entriesKeptBehindSnapshot: 5_000,
  /** Inputs that wait while a batch is on its way to the disk. */
  inboxInputs: 20_000,
  /** Client requests a node has under way. */
  requestsInFlight: 4_096,
  /** Body of one HTTP request. */
  httpBodyBytes: 256 * 1024,
  clusters: 64,
  groups: 10_000,
  replicasPerGroup: 9,
  topics: 100_000,
  queuesPerTopic: 1_024,
  consumerGroups: 20_000,
  membersPerConsumerGroup: 10_000,
  labelsPerObject: 32,
  keyValues: 10_000,
  operatorTokens: 256,
  /** Failover, switchover and drill records kept, oldest dropped first. */
  historyRecords: 1_000,
  /** Evidence lines kept with one history record. */
  evidencePerRecord: 64,
  nameCharacters: 127,
  addressRanges: 1_024,
  /** Sync-set rules of one group that may be in force at once while memberships change. */
  rulesInForce: 8,
} as const;

export function assertLimits(): void {
  assert(LIMITS.commandBytes < LIMITS.bytesPerAppend, 'a command must fit into one append');
  assert(LIMITS.httpBodyBytes <= LIMITS.commandBytes, 'an accepted body must fit into a command');
  assert(LIMITS.bytesPerAppend * 2 < LIMITS.peerFrameBytes, 'an append and its headers must fit into a frame');
  assert(LIMITS.snapshotChunkBytes * 2 < LIMITS.peerFrameBytes, 'a snapshot chunk must fit into a frame');
  assert(LIMITS.peerFrameBytes * 2 < LIMITS.peerQueueBytes, 'a peer queue must hold more than one frame');
  assert(
    LIMITS.entriesKeptBehindSnapshot < LIMITS.entriesBeforeSnapshot,
    'a snapshot must drop some entries or it would be taken for ever',
  );
  assert(LIMITS.requestsInFlight < LIMITS.inboxInputs, 'requests alone must not overflow the inbox');
}
