/**
 * The nouns of the domain as branded types. The functions here are the only place where a plain value
 * becomes one; callers have validated it at a door (zod) or read it back from our own log.
 */
import type { Branded } from './brand.ts';

/** Where a node stands: an IDC, or the witness site. */
export type SiteName = Branded<string, 'SiteName'>;
/** One pollux process, a Raft member. */
export type NodeName = Branded<string, 'NodeName'>;
export type ClusterName = Branded<string, 'ClusterName'>;
export type GroupName = Branded<string, 'GroupName'>;
/** `cluster/group`: the key of a broker group. */
export type GroupKey = Branded<string, 'GroupKey'>;
/** Stable id of one server of a group; its address may change, this never does. Unique within a cluster. */
export type ReplicaId = Branded<string, 'ReplicaId'>;
/** One life of a replica's process (Redis: run id). A restart is a new incarnation. */
export type Incarnation = Branded<string, 'Incarnation'>;
/** Identity of a stream of writes (Redis: replication id). Offsets compare only within one lineage. */
export type Lineage = Branded<string, 'Lineage'>;
export type TopicName = Branded<string, 'TopicName'>;
export type ConsumerGroupName = Branded<string, 'ConsumerGroupName'>;
export type MemberId = Branded<string, 'MemberId'>;
/** Number of a master's reign in its group; only grows. */
export type Epoch = Branded<number, 'Epoch'>;
/** Raft's term. Steering is guarded by it; reigns are numbered by epoch. */
export type Term = Branded<number, 'Term'>;

/**
 * What names of sites, nodes, clusters, groups, replicas, topics and consumer groups are made of. No slash, which
 * separates the halves of a key, and nothing that a terminal or a URL path would have to escape beyond `%` and `|`,
 * which RocketMQ's own topic names need.
 */
export const NAME_PATTERN = /^[A-Za-z0-9%|_.:@+=-]+$/;

export const siteName = (value: string): SiteName => value as SiteName;
export const nodeName = (value: string): NodeName => value as NodeName;
export const clusterName = (value: string): ClusterName => value as ClusterName;
export const groupName = (value: string): GroupName => value as GroupName;
export const replicaId = (value: string): ReplicaId => value as ReplicaId;
export const incarnation = (value: string): Incarnation => value as Incarnation;
export const lineage = (value: string): Lineage => value as Lineage;
export const topicName = (value: string): TopicName => value as TopicName;
export const consumerGroupName = (value: string): ConsumerGroupName => value as ConsumerGroupName;
export const memberId = (value: string): MemberId => value as MemberId;
export const epoch = (value: number): Epoch => value as Epoch;
export const term = (value: number): Term => value as Term;

export const groupKey = (cluster: ClusterName, group: GroupName): GroupKey =>
  `${cluster}/${group}` as GroupKey;
/** Reads back a key made by {@link groupKey}. */
export const parseGroupKey = (value: string): GroupKey => value as GroupKey;

/** Largest epoch; peers' protocols carry it as a signed 32-bit integer. */
export const MAX_EPOCH = 2 ** 31 - 1;
