/**
 * What name servers are loaded with, in a process of its own and the same for any of them: brokers that register, and
 * clients that ask for routes. It knows no more of a server than its address.
 */
import { z } from 'zod';
import { answerQuestions } from './forked.ts';
import { lookUp } from './rocketmq-lookups.ts';
import { Registrants, topicName } from './rocketmq-registrations.ts';

const question = z.discriminatedUnion('kind', [
  /** Connects the brokers of a cluster, and lets each register for the first time. */
  z.strictObject({
    kind: z.literal('open'),
    servers: z.array(z.string()).min(1),
    cluster: z.string(),
    firstPort: z.int(),
    brokers: z.int().min(1),
    topics: z.int().min(1),
    everyMs: z.number(),
  }),
  /** Every broker of the cluster registers once more, with one topic changed or as it is. */
  z.strictObject({
    kind: z.literal('register'),
    cluster: z.string(),
    everyMs: z.number(),
    change: z.boolean(),
  }),
  /** The first topics of the cluster are asked for. */
  z.strictObject({
    kind: z.literal('lookUp'),
    host: z.string(),
    port: z.int(),
    cluster: z.string(),
    topics: z.int().min(1),
    connections: z.int().min(1),
    depth: z.int().min(1),
    warmupMs: z.number(),
    durationMs: z.number(),
  }),
]);

const clusters = new Map<string, Registrants>();

function opened(cluster: string): Registrants {
  const found = clusters.get(cluster);
  if (found === undefined) throw new Error(`no broker of ${cluster} is connected`);
  return found;
}

answerQuestions(question, async (asked) => {
  switch (asked.kind) {
    case 'open': {
      const registrants = await Registrants.open(asked);
      clusters.set(asked.cluster, registrants);
      return registrants.round(asked.everyMs, false);
    }
    case 'register':
      return opened(asked.cluster).round(asked.everyMs, asked.change);
    case 'lookUp': {
      const { cluster, topics: count } = asked;
      const topics = Array.from({ length: count }, (_, number) => topicName(cluster, number));
      return lookUp({ ...asked, topics });
    }
  }
});
