/** What the commit benchmark and its processes say to each other. */
import { z } from 'zod';

const batch = z.object({ entries: z.int().min(0), bytes: z.int().min(0) });
const start = z.strictObject({
  kind: z.literal('start'),
  node: z.string(),
  directory: z.string(),
  nodes: z.array(z.strictObject({ name: z.string(), site: z.string(), port: z.int() })),
});
const commit = z.strictObject({
  kind: z.literal('commit'),
  commands: z.int().min(1),
  inFlight: z.int().min(1),
  commandBytes: z.int().min(100),
});

export const commitNodeQuestion = z.discriminatedUnion('kind', [
  start,
  commit,
  z.strictObject({ kind: z.literal('status') }),
  /** Takes the batches that were noted since the last time. */
  z.strictObject({ kind: z.literal('batches') }),
]);
export const bareLogQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), directory: z.string() }),
  z.strictObject({ kind: z.literal('prepare'), batches: z.array(batch) }),
  /** Writes what was prepared, one synced batch after the other; `packed`: what one batch holds is one record. */
  z.strictObject({ kind: z.literal('write'), packed: z.boolean() }),
]);

export const nothing = z.object({});
export const nodeStatus = z.object({ isLeader: z.boolean(), commitIndex: z.int() });
export const notedBatches = z.object({ batches: z.array(batch) });
export const committed = z.object({ elapsedMs: z.number(), p50Ms: z.number(), p99Ms: z.number() });
export const written = z.object({ elapsedMs: z.number() });

export type Batch = z.infer<typeof batch>;
export type CommitNodeStart = z.infer<typeof start>;
export type CommitLoad = Omit<z.infer<typeof commit>, 'kind'>;
