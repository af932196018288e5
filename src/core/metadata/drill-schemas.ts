/** Schemas of drills, as commands and snapshots carry them. */
import { z } from 'zod';
import { LIMITS } from '../primitives/limits.ts';
import type { Drill, DrillKind, DrillMove, DrillMoveState, ReturnRule, ReturnScope } from './drill-state.ts';
import {
  countSchema,
  epochSchema,
  groupKeySchema,
  recordIdSchema,
  replicaIdSchema,
  siteNameSchema,
  textSchema,
  wallMsSchema,
} from './schemas.ts';

export const drillKindSchema = z.enum(['evacuation', 'return']) satisfies z.ZodType<DrillKind>;

export const drillMoveStateSchema = z.enum([
  'waiting',
  'moving',
  'moved',
  'failed',
  'notBegun',
  'takenBack',
]) satisfies z.ZodType<DrillMoveState>;

export const parallelSchema = z.int().min(1).max(LIMITS.drillMovesAtOnce);
export const resyncsSchema = z.int().min(1).max(LIMITS.drillResyncsAtOnce);
export const healthyMsSchema = z.int().min(0).max(LIMITS.returnAfterMs);

export const drillMoveSchema = z.strictObject({
  group: groupKeySchema,
  state: drillMoveStateSchema,
  from: replicaIdSchema,
  to: replicaIdSchema.nullable(),
  attempts: countSchema,
  epoch: epochSchema,
  detail: z.string(),
  changedWallMs: wallMsSchema,
}) satisfies z.ZodType<DrillMove>;

export const drillSchema = z.strictObject({
  id: recordIdSchema,
  kind: drillKindSchema,
  idc: siteNameSchema,
  by: textSchema,
  parallel: parallelSchema,
  resyncs: resyncsSchema,
  healthyMs: healthyMsSchema,
  startedWallMs: wallMsSchema,
  changedWallMs: wallMsSchema,
  abort: z.strictObject({ by: textSchema, wallMs: wallMsSchema }).nullable(),
  outcome: z.enum(['running', 'completed', 'incomplete', 'aborted']),
  endedWallMs: wallMsSchema.nullable(),
  counts: z.record(drillMoveStateSchema, countSchema),
  troubles: z.array(z.strictObject({ group: groupKeySchema, detail: z.string() })),
}) satisfies z.ZodType<Drill>;

export const returnRuleSchema = z.strictObject({
  preferredIdc: siteNameSchema,
  returnAfterMs: z.int().min(LIMITS.returnAfterAtLeastMs).max(LIMITS.returnAfterMs).nullable(),
}) satisfies z.ZodType<ReturnRule>;

export const returnScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('group'), group: groupKeySchema }),
]) satisfies z.ZodType<ReturnScope>;
