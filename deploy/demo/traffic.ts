/** Producers in both IDCs, two consumers in each, and what became of every message. */
import { Consumer } from '../../src/sdk/consumer.ts';
import { IDCS, TOPIC } from '../../test/support/ground.ts';
import { startWriteLoad, type WriteLoad } from '../../test/support/write-load.ts';

export type Traffic = {
  readonly load: WriteLoad;
  /** Deliveries by message id, over all consumers. */
  readonly deliveries: Map<string, number>;
  close(): Promise<void>;
};

export function startTraffic(nodes: readonly string[]): Traffic {
  const deliveries = new Map<string, number>();
  const load = startWriteLoad(nodes);
  const members = IDCS.flatMap((idc) =>
    [1, 2].map((number) => ({ member: `${idc}-consumer-${number}`, idc })),
  );
  const consumers = members.map(
    ({ member, idc }) =>
      new Consumer({
        nodes,
        idc,
        topic: TOPIC,
        consumerGroup: 'demo',
        member,
        members,
        handler: (message) => {
          deliveries.set(message.id, (deliveries.get(message.id) ?? 0) + 1);
        },
      }),
  );
  for (const consumer of consumers) consumer.start();
  return {
    load,
    deliveries,
    close: async () => {
      await load.stop();
      await Promise.all(consumers.map((consumer) => consumer.close()));
    },
  };
}
