/** Plans as they stand in files: what a kept scenario says is checked before it is lived. */
import { z } from 'zod';
import { nodeName, type SiteName, siteName } from '../../../src/core/primitives/identifiers.ts';
import type { Fault } from '../world/faults.ts';
import type { Weather } from '../world/network.ts';
import type { TierTiming } from '../world/node-options.ts';
import type { ClientHabits } from './key-value-clients.ts';
import type { Plan } from './plan.ts';

const nameSchema = z.string().transform(nodeName);
const victimSchema = z.union([z.literal('leader'), nameSchema]);
const placeSchema = z.union([
  z.literal('leader'),
  z.literal('others'),
  z.string().transform((name): SiteName => siteName(name)),
]);
const share = z.number().min(0).max(1);
const durationMs = z.number().min(0);

export const weatherSchema = z.strictObject({
  loss: share,
  duplication: share,
  delayMs: durationMs,
  longDelayShare: share,
  longDelayMs: durationMs,
}) satisfies z.ZodType<Weather>;

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('crash'),
    node: victimSchema,
    when: z.enum(['now', 'writing']),
    keptBatches: z.int().min(0),
    downMs: durationMs,
  }),
  z.strictObject({
    kind: z.literal('cut'),
    from: z.array(placeSchema),
    to: z.array(placeSchema),
    bothWays: z.boolean(),
    forMs: durationMs,
  }),
  z.strictObject({
    kind: z.literal('slowWay'),
    from: z.array(placeSchema),
    to: z.array(placeSchema),
    byMs: durationMs,
    forMs: durationMs,
  }),
  z.strictObject({ kind: z.literal('weather'), weather: weatherSchema, forMs: durationMs }),
  z.strictObject({
    kind: z.literal('pause'),
    node: victimSchema,
    afterStep: z.boolean(),
    forMs: durationMs,
  }),
  z.strictObject({
    kind: z.literal('slowDisk'),
    node: victimSchema,
    writeMs: durationMs,
    forMs: durationMs,
  }),
  z.strictObject({
    kind: z.literal('diskTrouble'),
    node: victimSchema,
    trouble: z.strictObject({ what: z.enum(['full', 'writeError', 'readError']), keepsBatch: z.boolean() }),
    forMs: durationMs,
  }),
  z.strictObject({ kind: z.literal('wallJump'), node: victimSchema, byMs: z.number() }),
  z.strictObject({ kind: z.literal('drift'), node: victimSchema, rate: z.number().positive() }),
  z.strictObject({ kind: z.literal('handOver'), node: victimSchema }),
  z.strictObject({
    kind: z.literal('loseDisk'),
    node: victimSchema,
    isSaid: z.boolean(),
    downMs: durationMs,
  }),
]) satisfies z.ZodType<Fault>;

const count = z.int().min(0);

const limitsSchema = z.strictObject({
  entriesPerAppend: count,
  entriesWorthAWrite: count,
  bytesPerAppend: count,
  appendsInFlight: count,
  snapshotChunkBytes: count,
  entriesKeptBehindSnapshot: count,
  entriesPerApply: count,
  roundsRemembered: count,
  uncommittedBytes: count,
});

export const timingSchema = z.strictObject({
  electionTimeoutMs: durationMs,
  heartbeatIntervalMs: durationMs,
  clockDriftRatio: share,
  requestTimeoutMs: durationMs,
  probeIntervalMs: durationMs,
  entriesBeforeSnapshot: count,
  limits: limitsSchema,
}) satisfies z.ZodType<TierTiming>;

const clientsSchema = z.strictObject({
  clients: count,
  keys: count,
  thinkMs: durationMs,
  patienceMs: durationMs,
}) satisfies z.ZodType<ClientHabits>;

export const planSchema = z.strictObject({
  seed: z.int(),
  size: z.union([z.literal(1), z.literal(3), z.literal(5)]),
  timing: timingSchema,
  tickIntervalMs: durationMs,
  weather: weatherSchema,
  clients: clientsSchema,
  faultsMs: durationMs,
  faults: z.array(
    z.strictObject({ atMs: durationMs, afterElectionMs: durationMs.nullable(), fault: faultSchema }),
  ),
}) satisfies z.ZodType<Plan>;
