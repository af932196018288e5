/** What the etcd and election benchmarks say to the process that is their client, and what it answers. */
import { z } from 'zod';

export const putQuestion = z.strictObject({
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('pollux'), port: z.int(), token: z.string() }),
    z.strictObject({ kind: z.literal('etcd'), port: z.int() }),
  ]),
  inFlight: z.int().min(1),
  puts: z.int().min(1),
  commandBytes: z.int().min(100),
});

export const putsDone = z.object({ elapsedMs: z.number(), p50Ms: z.number(), p99Ms: z.number() });

export type PutQuestion = z.infer<typeof putQuestion>;
