/** Evacuations of an IDC and returns into it: previews, runs with the state of each group, and rules for returning. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { refusalCodeSchema } from './errors.ts';
import {
  countSchema,
  decimalSchema,
  epochSchema,
  knownNameSchema,
  nameSchema,
  wallMsSchema,
} from './scalars.ts';

export const drillRequestSchema = z.strictObject({
  /** `evacuation`: masters leave the IDC; `return`: it is opened again, and masters that belong there come back. */
  kind: z.enum(['evacuation', 'return']),
  idc: nameSchema,
  /** Only these groups of the cluster; left out: all that it concerns, of every cluster. */
  groups: z.array(nameSchema).max(LIMITS.groupsPerNamedDrill).optional(),
  /** Groups that are in their move at once. */
  parallel: z.int().min(1).max(LIMITS.drillMovesAtOnce).default(1),
  /** No further group is begun while this many servers are in a full resync. */
  resyncs: z.int().min(1).max(LIMITS.drillResyncsAtOnce).default(1),
  /** Return: for how long a group's servers in the IDC have to have been well. */
  healthyMs: z.int().min(0).max(LIMITS.returnAfterMs).default(10_000),
  /** Look only: answer what would happen and change nothing. */
  plan: z.boolean().default(false),
});

export const drillAbortRequestSchema = z.strictObject({ idc: nameSchema });

/** It is committed and goes on by itself; `GET /v1/drills/:id` follows it. */
const drillStartedSchema = z.object({ kind: z.literal('drillStarted'), drillId: z.string() });

const placeSchema = z.object({ replica: knownNameSchema, site: knownNameSchema });

const policyOutlookSchema = z.object({
  state: z.enum(['met', 'degraded', 'blocked']),
  waitCount: countSchema.nullable(),
  detail: z.string(),
});

const drillPlanRowSchema = z.object({
  cluster: knownNameSchema,
  group: knownNameSchema,
  from: placeSchema,
  /** Null: the group could not be moved at this moment, and `problem` says why. */
  move: z
    .object({
      to: placeSchema,
      lagBytes: decimalSchema,
      why: z.string(),
      /** What the policy can promise with the old master as a slave. */
      after: policyOutlookSchema,
      /** The same with every server of the old master's IDC switched off; null where it stays in that IDC. */
      withoutOldIdc: policyOutlookSchema.nullable(),
    })
    .nullable(),
  problem: z.object({ code: refusalCodeSchema, message: z.string() }).nullable(),
  /** What a return would wait for before it begins this group: health, a stop, a cool-down. */
  waitsFor: z.string().nullable(),
});

const drillPlanSchema = z.object({
  kind: z.literal('drillPlan'),
  rows: z.array(drillPlanRowSchema),
  /** Groups beyond those shown. */
  leftOff: countSchema,
});

export const drillAnswerSchema = z.discriminatedUnion('kind', [drillStartedSchema, drillPlanSchema]);

export const drillMoveStateSchema = z.enum(['waiting', 'moving', 'moved', 'failed', 'notBegun', 'takenBack']);

export const drillSummarySchema = z.object({
  id: z.string(),
  kind: z.enum(['evacuation', 'return']),
  idc: knownNameSchema,
  by: z.string(),
  parallel: countSchema,
  resyncs: countSchema,
  healthyMs: countSchema,
  outcome: z.enum(['running', 'completed', 'incomplete', 'aborted']),
  startedWallMs: wallMsSchema,
  endedWallMs: wallMsSchema.nullable(),
  abortedBy: z.string().nullable(),
  /** Of its groups, by state. */
  counts: z.record(drillMoveStateSchema, countSchema),
});

const drillMoveSchema = z.object({
  cluster: knownNameSchema,
  group: knownNameSchema,
  state: drillMoveStateSchema,
  from: knownNameSchema,
  to: knownNameSchema.nullable(),
  /** Tries so far, the one under way included. */
  attempts: countSchema,
  /** Epoch of the reign that the last try was to end. */
  epoch: epochSchema,
  detail: z.string(),
  changedWallMs: wallMsSchema,
});

export const drillDetailSchema = drillSummarySchema.extend({
  /** Empty where a newer drill has taken its place. */
  moves: z.array(drillMoveSchema),
  /** The first of its groups that did not end as asked. */
  troubles: z.array(z.object({ cluster: knownNameSchema, group: knownNameSchema, detail: z.string() })),
});

/** Newest first. */
export const drillListAnswerSchema = z.object({ drills: z.array(drillSummarySchema) });

export const idcSchema = z.object({
  name: knownNameSchema,
  /** Masters leave a `draining` IDC; a `drained` one has none, and gets one only where nothing else can be proven. */
  state: z.enum(['active', 'draining', 'drained']),
  masters: countSchema,
});

/** A group is meant within the cluster of the query. */
const ruleScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('group'), group: nameSchema }),
]);

export const returnRuleRequestSchema = z.strictObject({
  scope: ruleScopeSchema,
  preferredIdc: nameSchema,
  /** Masters come back by themselves once that IDC was well for so long; null: only when an operator says so. */
  returnAfterMs: z.int().min(LIMITS.returnAfterAtLeastMs).max(LIMITS.returnAfterMs).nullable().default(null),
});

export const returnRuleRemovalSchema = z.strictObject({ scope: ruleScopeSchema });

export const returnRuleListAnswerSchema = z.object({
  rules: z.array(
    z.object({
      scope: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('all') }),
        z.object({ kind: z.literal('group'), cluster: knownNameSchema, group: knownNameSchema }),
      ]),
      preferredIdc: knownNameSchema,
      returnAfterMs: countSchema.nullable(),
    }),
  ),
});

export type DrillRequest = z.input<typeof drillRequestSchema>;
export type DrillPlanAnswer = z.infer<typeof drillPlanSchema>;
export type DrillSummary = z.infer<typeof drillSummarySchema>;
export type DrillDetail = z.infer<typeof drillDetailSchema>;
export type DrillMoveAnswer = z.infer<typeof drillMoveSchema>;
export type IdcAnswer = z.infer<typeof idcSchema>;
export type ReturnRuleScope = z.input<typeof ruleScopeSchema>;
export type ReturnRuleAnswer = z.infer<typeof returnRuleListAnswerSchema>['rules'][number];
