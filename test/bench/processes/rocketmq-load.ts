/**
 * What name servers are loaded with, in a process of its own and the same for any of them: brokers that register, and
 * clients that ask for routes. It knows no more of a server than its address.
 */
import { z } from 'zod';
import { answerQuestions } from './forked.ts';
import { lookUp } from './rocketmq-lookups.ts';
import { Registrants, topicName } from './rocketmq-registrations.ts';

const question = z.discriminatedUnion('kind', [
  /** Connects the brokers, and lets each register for the first time. */
  z.strictObject({
    kind: z.literal('open'),
    servers: z.array(z.string()).min(1),
    cluster: z.string(),
    brokers: z.int().min(1),
    topics: z.int().min(1),
    everyMs: z.number(),
  }),
  /** Every broker registers once more, with one topic changed or as it is. */
  z.strictObject({ kind: z.literal('register'), everyMs: z.number(), change: z.boolean() }),
  /** The topics are the first ones of those that are registered. */
  z.strictObject({
    kind: z.literal('lookUp'),
    host: z.string(),
    port: z.int(),
    topics: z.int().min(1),
    connections: z.int().min(1),
    depth: z.int().min(1),
    warmupMs: z.number(),
    durationMs: z.number(),
  }),
  z.strictObject({ kind: z.literal('close') }),
]);

let registrants: Registrants | null = null;

function opened(): Registrants {
  if (registrants === null) throw new Error('no broker is connected');
  return registrants;
}

answerQuestions(question, async (asked) => {
  switch (asked.kind) {
    case 'open':
      registrants = await Registrants.open(asked);
      return registrants.round(asked.everyMs, false);
    case 'register':
      return opened().round(asked.everyMs, asked.change);
    case 'lookUp': {
      const topics = Array.from({ length: asked.topics }, (_, number) => topicName(number));
      return lookUp({ ...asked, topics });
    }
    case 'close':
      registrants?.close();
      registrants = null;
      return { closed: true };
  }
});
