/** The node that was asked, the tier as it knows it, and what is the matter. */
import { z } from 'zod';
import { alertSchema } from './alerts.ts';
import { drillSummarySchema, idcSchema } from './drills.ts';
import { groupSummarySchema } from './groups.ts';
import { countSchema, knownNameSchema, millisecondsSchema } from './scalars.ts';
import { stopSchema } from './stops.ts';

export const nodeStatusSchema = z.object({
  node: knownNameSchema,
  site: knownNameSchema,
  role: z.enum(['follower', 'preCandidate', 'candidate', 'leader']),
  term: countSchema,
  leader: knownNameSchema.nullable(),
  commitIndex: countSchema,
  appliedIndex: countSchema,
  lastIndex: countSchema,
  snapshotIndex: countSchema,
  /** Since this node last heard from a leader; null when it never did. */
  leaderHeardMsAgo: millisecondsSchema.nullable(),
});

export const nodeSchema = z.object({
  name: knownNameSchema,
  site: knownNameSchema,
  siteKind: z.enum(['idc', 'witness']),
  httpUrl: z.string(),
  /** The node that answers. */
  self: z.boolean(),
  leader: z.boolean(),
});

export const nodeListAnswerSchema = z.object({
  nodes: z.array(nodeSchema),
  leader: knownNameSchema.nullable(),
});

export const recoverySchema = z.object({
  /** Groups by phase of a failover or move. */
  fencing: countSchema,
  promoting: countSchema,
  /** Groups that nothing can be written to: those two, and those that were never taken in. */
  withoutMaster: countSchema,
  /** Groups with a master whose policy was stepped down for want of members. */
  degraded: countSchema,
  /** Servers of groups with a master that do not count toward its writes: gone, or on their way back. */
  replicasOutside: countSchema,
  /** Servers in a full resync, or loading, as the node that answers saw them last. */
  resyncing: countSchema,
});

const brokerSetCountsSchema = z.object({
  count: countSchema,
  withoutMaster: countSchema,
  /** With a master whose sync state set has no member outside its IDC, where the policy wants one. */
  degraded: countSchema,
});

export const statusAnswerSchema = z.object({
  /** Null before the tier was founded. */
  tierId: z.string().nullable(),
  node: nodeStatusSchema,
  stale: z.boolean(),
  nodes: z.array(nodeSchema),
  sites: z.array(z.object({ name: knownNameSchema, kind: z.enum(['idc', 'witness']) })),
  /** Those of the sites that host brokers. */
  idcs: z.array(idcSchema),
  /** The evacuation or return that runs, or ran last; null before the first. */
  drill: drillSummarySchema.nullable(),
  groups: z.array(groupSummarySchema),
  counts: z.object({ groups: countSchema, topics: countSchema, consumerGroups: countSchema }),
  /** How far the tier is with groups that lost something; all zero where nothing is amiss. */
  recovery: recoverySchema,
  /** Of RocketMQ, as far as the tier is their Controller. */
  brokerSets: brokerSetCountsSchema,
  /** What the leader found; on a follower as the leader last told it, up to half a second ago. */
  alerts: z.array(alertSchema),
  stops: z.array(stopSchema),
});

export type NodeAnswer = z.infer<typeof nodeSchema>;
export type RecoveryAnswer = z.infer<typeof recoverySchema>;
export type StatusAnswer = z.infer<typeof statusAnswerSchema>;
