/** The topics of the ground: one over both sets, one that only one set has, for each set. */
import { eventually } from '../../support/eventually.ts';
import { CLIENT_IDC, CLUSTER, type RocketmqGround } from './ground.ts';

export const EVERYWHERE = 'orders';
export const ORDERED = 'orders-in-order';
export const topicOf = (set: string): string => `orders-of-${set}`;

const QUEUES = 4;
const ROUTE_TIMEOUT_MS = 60_000;
const COPY_TIMEOUT_MS = 60_000;

/** Each topic with where mqadmin is told to make it. */
async function placesOf(ground: RocketmqGround): Promise<readonly (readonly [string, ...string[]])[]> {
  const ofSets = ground.sets.map(
    async ({ name }) => [topicOf(name), '-b', (await ground.master(name)).address] as const,
  );
  return [[EVERYWHERE, '-c', CLUSTER], [ORDERED, '-c', CLUSTER], ...(await Promise.all(ofSets))];
}

/** Made through mqadmin where they are not there yet; what it printed of each. */
export async function createTopics(ground: RocketmqGround): Promise<readonly string[]> {
  const agent = ground.agents[CLIENT_IDC];
  const nameServers = ground.tier.nodes.map(({ nameServer }) => nameServer).join(';');
  const printed: string[] = [];
  for (const [topic, ...where] of await placesOf(ground)) {
    const queues = ['-r', String(QUEUES), '-w', String(QUEUES)];
    printed.push(await agent.mqadmin('updateTopic', '-n', nameServers, '-t', topic, ...queues, ...where));
  }
  for (const topic of [EVERYWHERE, ORDERED, ...ground.sets.map(({ name }) => topicOf(name))])
    for (const { name, nameServer } of ground.tier.nodes)
      await eventually(
        `${name} has a route of ${topic}`,
        () =>
          agent.ask('route', nameServer, topic).then(
            () => true,
            () => false,
          ),
        ROUTE_TIMEOUT_MS,
      );
  return printed;
}

/** Slaves copy topics from their master every ten seconds or so; one that becomes a master before has none of them. */
export async function copiedTopics(ground: RocketmqGround): Promise<void> {
  for (const { name, address, place } of ground.brokers)
    for (const topic of [EVERYWHERE, ORDERED, topicOf(place.set)])
      await eventually(
        `${name} has ${topic}`,
        () => ground.agents[CLIENT_IDC].ask('hasTopic', address, topic),
        COPY_TIMEOUT_MS,
      );
}
