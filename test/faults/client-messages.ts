/** What the harness and the applications of an IDC tell each other; both sides parse it. */
import { z } from 'zod';

export const clientTaskSchema = z.object({
  nodes: z.array(z.string()).min(1).readonly(),
  idc: z.string(),
  topic: z.string(),
  /** IDCs with a reader each. */
  members: z.array(z.string()),
});

/** Message id, broker group, epoch, when it was sent, when it was known to be acknowledged. */
const acknowledgementSchema = z.tuple([z.string(), z.string(), z.number(), z.number(), z.number()]);

export const clientNewsSchema = z.object({
  acknowledged: z.array(acknowledgementSchema),
  handled: z.array(z.string()),
  unknown: z.number(),
  refused: z.number(),
});

export type ClientTask = z.infer<typeof clientTaskSchema>;
export type ClientNews = z.infer<typeof clientNewsSchema>;
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

/** On the clock that every process of this machine reads. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
