/** The SDK's producer as an application uses it, with its defaults. A target is a topic. */
import { Producer } from '../../../src/sdk/producer.ts';
import type { WritingClient } from './writing-client.ts';

export function clientThroughPollux(nodes: readonly string[], idc: string): WritingClient {
  const producer = new Producer({ nodes, idc });
  return {
    write: async (topic, { id, body }) => (await producer.send(topic, { id, body })).kind,
    close: () => producer.close(),
  };
}
