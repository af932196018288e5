/**
 * The RocketMQ door of real nodes, and brokers by a script: two of them join a set, get ids and a master, register, and
 * are found; the sync state set grows; the key-value configuration and operators' tools work; and when the master is
 * gone, the slave is the master everywhere. Each broker speaks to all three nodes as a real one does, the witness
 * included, and each answer is asked of another node than the one that was changed at.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { REQUEST } from '../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../src/remoting/response-codes.ts';
import { ScriptedBroker } from '../drivers/rocketmq/scripted-broker.ts';
import { BrokerCaller, haAddressOf } from '../support/broker-caller.ts';
import { eventually } from '../support/eventually.ts';
import { bodyOf, type RemotingClient, remotingClient } from '../support/remoting-client.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';

const NAME = 'broker-a';
const HEARTBEAT_MS = 200;
const TOPICS = ['orders', 'payments'];

let tier: Tier;
const clients: RemotingClient[] = [];

async function clientOf(node: TierNode): Promise<RemotingClient> {
  const client = await remotingClient({ port: node.rocketmqPort });
  clients.push(client);
  return client;
}

/** One broker as the nodes see it: a port that answers, and a connection to each node over which it heartbeats. */
class Broker {
  readonly server: ScriptedBroker;
  readonly callers: readonly BrokerCaller[];
  #id = 0;
  readonly #ticker: NodeJS.Timeout;

  private constructor(server: ScriptedBroker, callers: readonly BrokerCaller[]) {
    this.server = server;
    this.callers = callers;
    this.#ticker = setInterval(() => {
      if (this.#id === 0) return;
      for (const caller of callers) caller.heartbeat(this.#id, { epoch: server.model.epoch });
    }, HEARTBEAT_MS);
  }

  static async start(zone: string): Promise<Broker> {
    const server = await ScriptedBroker.start({
      brokerId: 0,
      name: NAME,
      isMaster: false,
      isControllerMode: true,
      epochs: [],
      maxOffset: 0n,
    });
    const place = { cluster: 'C', name: NAME, address: server.address, zone };
    const callers = [];
    for (const node of tier.nodes) callers.push(new BrokerCaller(await clientOf(node), place));
    return new Broker(server, callers);
  }

  get id(): number {
    return this.#id;
  }

  set id(id: number) {
    this.#id = id;
    this.server.model.state = { ...this.server.model.state, brokerId: id };
  }

  /** It has what the first master wrote. */
  follow(epoch: number, isMaster: boolean): void {
    const epochs = [{ epoch, startOffset: 0n, endOffset: 2n ** 63n - 1n }];
    this.server.model.state = { ...this.server.model.state, isMaster, epochs, maxOffset: 1_000n };
  }

  at(nth: number): BrokerCaller {
    return this.callers[nth] ?? assert.fail();
  }

  async registerEverywhere(brokerId: number, stateVersion: number): Promise<void> {
    const registered = { brokerId, stateVersion, topics: TOPICS };
    const answers = await Promise.all(this.callers.map((caller) => caller.register(registered)));
    for (const { code, remark } of answers) assert.equal(code, RESPONSE.success, remark ?? '');
  }

  async kill(): Promise<void> {
    clearInterval(this.#ticker);
    for (const { client } of this.callers) client.close();
    await this.server.kill();
  }
}

let one: Broker;
let two: Broker;

before(async () => {
  tier = await startTier();
  one = await Broker.start('idc-a');
  two = await Broker.start('idc-b');
});

after(async () => {
  await one?.kill();
  await two?.kill();
  for (const client of clients) client.close();
  await tier?.close();
});

const addressesOf = (body: unknown): unknown => {
  const route = body as { brokerDatas: readonly { brokerAddrs: unknown }[] };
  return route.brokerDatas.map(({ brokerAddrs }) => brokerAddrs);
};

const shownSchema = z.object({
  brokers: z.array(
    z.object({
      id: z.int().nullable(),
      heartbeat: z.object({ epoch: z.int() }).nullable(),
      heard: z.array(z.object({ closed: z.boolean() })),
    }),
  ),
});
const recordsSchema = z.object({
  records: z.array(z.object({ reason: z.string(), to: z.int().nullable() })),
});

/** The route of a topic, as the node at `nth` gives it; null where it has none. */
async function routeAt(nth: number, topic: string): Promise<unknown> {
  const { client } = two.at(nth);
  const { code, body } = await client.ask(REQUEST.getRouteInfoByTopic, { fields: { topic } });
  return code === RESPONSE.success ? JSON.parse(body.toString()) : null;
}

describe('two brokers and three nodes', () => {
  it('names each node as where its brokers go on', async () => {
    for (const [nth, node] of tier.nodes.entries()) {
      const { fields } = await one.at(nth).client.ask(REQUEST.controllerGetMetadataInfo);
      assert.equal(fields.get('controllerLeaderAddress'), `127.0.0.1:${node.rocketmqPort}`);
      assert.equal(fields.get('controllerLeaderId'), (await tier.leader()).name);
    }
  });

  it('gives ids, at whichever node', async () => {
    one.id = await one.at(2).applyForId();
    two.id = await two.at(1).applyForId();
    assert.deepEqual([one.id, two.id], [1, 2]);
  });

  it('makes the first that asks the master, and tells the other at another node', async () => {
    const alone = await one.at(0).registerToController(one.id);
    assert.equal(alone.fields.get('masterBrokerId'), undefined);
    const elected = await one.at(1).elect(one.id);
    assert.equal(elected.code, RESPONSE.success, elected.remark ?? '');
    assert.equal(elected.fields.get('masterAddress'), one.server.address);
    one.follow(1, true);
    two.follow(1, false);
    await one.registerEverywhere(0, 1);
    const told = await two.at(1).registerToController(two.id);
    assert.deepEqual(
      [told.fields.get('masterBrokerId'), told.fields.get('masterAddress'), told.fields.get('masterEpoch')],
      ['1', one.server.address, '1'],
    );
    const still = await two.at(0).elect(two.id);
    assert.equal(still.code, RESPONSE.controllerMasterStillExist, still.remark ?? '');
  });

  it('tells a slave where the master replicates from, and shows both on every route', async () => {
    const { fields } = await two.at(0).register({ brokerId: two.id, stateVersion: 1, topics: TOPICS });
    assert.deepEqual(
      [fields.get('masterAddr'), fields.get('haServerAddr')],
      [one.server.address, haAddressOf(one.server.address)],
    );
    await two.registerEverywhere(two.id, 1);
    for (const nth of [0, 1, 2]) {
      await eventually(`node ${nth} knows the route`, async () => (await routeAt(nth, 'orders')) !== null);
      const both = { 0: one.server.address, [two.id]: two.server.address };
      assert.deepEqual(addressesOf(await routeAt(nth, 'orders')), [both]);
    }
    const unknown = await two.at(0).client.ask(REQUEST.getRouteInfoByTopic, { fields: { topic: 'nowhere' } });
    assert.equal(unknown.code, RESPONSE.topicNotExist);
  });

  it('takes the sync state set from its master alone', async () => {
    const grown = await one
      .at(2)
      .alterSyncStateSet(
        { masterBrokerId: one.id, masterEpoch: 1 },
        { syncStateSet: [1, 2], syncStateSetEpoch: 1 },
      );
    assert.equal(grown.code, RESPONSE.success, grown.remark ?? '');
    assert.deepEqual(bodyOf(grown), { syncStateSet: [1, 2], syncStateSetEpoch: 2 });
    const stranger = await two
      .at(0)
      .alterSyncStateSet(
        { masterBrokerId: two.id, masterEpoch: 1 },
        { syncStateSet: [2], syncStateSetEpoch: 2 },
      );
    assert.equal(stranger.code, RESPONSE.controllerInvalidMaster);
    const seen = await eventually('another node knows it', async () => {
      const { body } = await one.at(1).replicaInfo();
      return body.includes('[1,2]') && JSON.parse(body.toString());
    });
    assert.deepEqual(seen, { syncStateSet: [1, 2], syncStateSetEpoch: 2 });
  });

  it('keeps the key-value configuration for every node', async () => {
    const fields = { namespace: 'n', key: 'k', value: 'v' };
    assert.equal((await one.at(0).client.ask(REQUEST.putKvConfig, { fields })).code, RESPONSE.success);
    await eventually('node 2 has it', async () => {
      const { fields: found } = await one.at(2).client.ask(REQUEST.getKvConfig, { fields });
      return found.get('value') === 'v';
    });
  });

  it('answers the tools of operators', async () => {
    const { client } = one.at(2);
    const cluster = bodyOf(await client.ask(REQUEST.getBrokerClusterInfo)) as { clusterAddrTable: unknown };
    assert.deepEqual(cluster.clusterAddrTable, { C: [NAME] });
    const data = await client.ask(REQUEST.controllerGetSyncStateData, { body: [NAME] });
    assert.match(data.body.toString(), /"masterBrokerId":1/);
    const topics = bodyOf(await client.ask(REQUEST.getAllTopicListFromNameserver)) as {
      topicList: string[];
    };
    assert.deepEqual(topics.topicList.sort(), TOPICS);
    const wiped = await client.ask(REQUEST.wipeWritePermOfBroker, { fields: { brokerName: NAME } });
    assert.equal(wiped.fields.get('wipeTopicCount'), '2');
    await eventually('no route offers to write', async () =>
      JSON.stringify(await routeAt(0, 'orders')).includes('"perm":4'),
    );
    await client.ask(REQUEST.addWritePermOfBroker, { fields: { brokerName: NAME } });
  });

  it('tells who asks for what cannot be, at every node, and no node is cut off from another by it', async () => {
    const fields = { namespace: 'n', key: 'k'.repeat(30_000), value: 'v' };
    const negative = { masterBrokerId: -1, masterEpoch: -1 };
    const many = { syncStateSet: Array.from({ length: 60 }, (_, id) => id), syncStateSetEpoch: -1 };
    for (const caller of one.callers) {
      for (let times = 0; times < 10; times += 1) {
        const odd = [
          await caller.client.ask(REQUEST.putKvConfig, { fields }),
          await caller.alterSyncStateSet(negative, { syncStateSet: [1], syncStateSetEpoch: 2 }),
          await caller.alterSyncStateSet({ masterBrokerId: 1, masterEpoch: 1 }, many),
        ];
        for (const { code, remark } of odd) {
          assert.notEqual(code, RESPONSE.success);
          assert.doesNotMatch(remark ?? '', /under way|No leader/);
        }
      }
      const fit = { ...fields, key: 'fit' };
      assert.equal((await caller.client.ask(REQUEST.putKvConfig, { fields: fit })).code, RESPONSE.success);
    }
  });

  it('makes the slave the master when the master is gone, on every route at once, and tells it', async () => {
    await one.kill();
    await eventually('the slave was told its new role', () => two.server.model.state.isMaster);
    const route = await eventually('the route has moved', async () => {
      const found = await routeAt(0, 'orders');
      return JSON.stringify(found).includes(`"0":"${two.server.address}"`) && found;
    });
    assert.equal(JSON.stringify(addressesOf(route)).includes(one.server.address), false);
    const { fields } = await two.at(1).replicaInfo();
    assert.deepEqual([fields.get('masterBrokerId'), Number(fields.get('masterEpoch')) > 1], ['2', true]);
  });

  it('shows operators what happened: evidence of every node, the record of the election, figures', async () => {
    // Nodes tell one another twice a second what they hear.
    await eventually('every node has told that the old master is gone and hears the new one', async () => {
      const { body } = await tier.call('GET', `/v1/broker-sets/${NAME}`);
      const { brokers } = shownSchema.parse(body);
      const [gone, reigning] = [one, two].map((broker) => brokers.find(({ id }) => id === broker.id));
      return (
        gone?.heard.length === tier.nodes.length &&
        gone.heard.every(({ closed }) => closed) &&
        reigning?.heard.filter(({ closed }) => !closed).length === tier.nodes.length &&
        reigning.heartbeat?.epoch === two.server.model.epoch
      );
    });
    const { records } = recordsSchema.parse((await tier.call('GET', '/v1/broker-set-history')).body);
    assert.deepEqual(
      records.map(({ reason, to }) => [reason, to]),
      [
        ['masterLost', two.id],
        ['firstMaster', one.id],
      ],
    );
    const pages = await eventually(
      'the broker was asked by every node, and its word that it reigns is counted',
      async () => {
        const texts = await Promise.all(tier.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
        const labels = `broker_set="C/${NAME}",broker="${two.id}"`;
        const areAsked = texts.every((text) =>
          new RegExp(`^pollux_broker_answer_seconds_count\\{${labels},vantage="[^"]*"\\} [1-9]`, 'm').test(
            text,
          ),
        );
        return (
          areAsked &&
          texts.some((text) => /phase_seconds_count\{phase="promoting"\} [1-9]/m.test(text)) &&
          texts
        );
      },
    );
    const counting = (line: string): number => pages.filter((text) => text.split('\n').includes(line)).length;
    assert.equal(counting('pollux_broker_set_elections_total{reason="masterLost",outcome="elected"} 1'), 1);
    assert.equal(counting('pollux_sync_state_set_changes_total{outcome="notTheMaster"} 1'), 1);
    assert.equal(counting('pollux_broker_sets{standing="mastered"} 1'), 3);
  });

  it('takes 200 brokers that come at once, at a node that does not lead', async () => {
    const leader = await tier.leader();
    const node = tier.nodes.find((one) => one !== leader) ?? assert.fail();
    const callers = await Promise.all(
      Array.from({ length: 200 }, async (_, nth) => {
        const place = { cluster: 'R', name: `broker-r-${nth}`, address: `127.0.0.1:${20_000 + nth}` };
        return new BrokerCaller(await clientOf(node), place);
      }),
    );
    const answers = await Promise.all(callers.map((caller) => caller.register({ topics: TOPICS })));
    const failed = answers.filter(({ code }) => code !== RESPONSE.success);
    assert.deepEqual(
      failed.map(({ remark }) => remark),
      [],
    );
    const known = await eventually('the witness knows them', async () => {
      const { body } = await two.at(2).client.ask(REQUEST.getBrokerClusterInfo);
      const { clusterAddrTable } = JSON.parse(body.toString());
      return clusterAddrTable.R?.length === callers.length && clusterAddrTable;
    });
    assert.ok(known.C.includes(NAME));
  });
});
