import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { planRegistration } from '../../../../src/core/metadata/registration-plan.ts';
import { clusterName, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { refused } from '../../../../src/core/primitives/refusal.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { OUR_VERSION } from '../../../../src/remoting/versions.ts';
import { BrokerCaller, type Place, registrationBody } from '../../../support/broker-caller.ts';
import { eventually } from '../../../support/eventually.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { must } from '../../http/fake-node.ts';
import { elect } from '../elect.ts';
import { type OpenDoor, openDoor } from '../open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911', zone: 'idc-a' };
const A_SLAVE: Place = { cluster: 'C', name: 'broker-a', address: '10.2.0.7:10911' };
const NAME = groupName('broker-a');

async function opened(t: TestContext) {
  const door = await openDoor(t);
  const broker = async (place: Place) => new BrokerCaller(await door.client(), place);
  return { ...door, broker };
}

const proposals = ({ node }: Pick<OpenDoor, 'node'>): readonly string[] =>
  node.submitted.map((request) => (request.type === 'propose' ? request.command.type : request.type));

describe('103, a registration', () => {
  it('is committed once, with the site of the broker, and is known by then', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    assert.equal((await broker.register()).code, RESPONSE.success);
    const state = door.node.state();
    const registration = state.registrations.get(A.address);
    assert.deepEqual(
      [registration?.brokerId, registration?.site, registration?.zone, registration?.haAddress],
      [0, 'idc-a', 'idc-a', '10.1.0.7:10912'],
    );
    assert.deepEqual([...(state.namedSets.get(NAME)?.addresses ?? [])], [[0, A.address]]);
    assert.deepEqual([...state.topicQueues.keys()].sort(), ['TopicA', 'TopicB']);
    assert.deepEqual(proposals(door), ['registration.set']);
    assert.deepEqual(door.bugs, []);
  });

  it('costs no commit while nothing has changed, and is evidence every time', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    for (let nth = 0; nth < 5; nth += 1) assert.equal((await broker.register()).code, RESPONSE.success);
    assert.equal(door.node.submitted.length, 1);
    assert.deepEqual(
      door.node.heard.map(({ what, address }) => [what, address]),
      Array.from({ length: 5 }, () => ['registered', A.address]),
    );
    await broker.register({ counter: 2 });
    assert.equal(door.node.submitted.length, 2, 'another data version is news');
    await broker.register({ counter: 2, fields: { haServerAddr: '10.1.0.7:10999' } });
    assert.equal(door.node.submitted.length, 3, 'another address for replication is news');
  });

  it('places a broker that names no zone by its address', async (t) => {
    const door = await opened(t);
    await (await door.broker(A_SLAVE)).register({ brokerId: 2 });
    assert.equal(door.node.state().registrations.get(A_SLAVE.address)?.site, 'idc-b');
  });

  it('takes 5,000 topics apart into commands that fit, and none of them twice', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    const topics = Array.from({ length: 5_000 }, (_, nth) => `topic-of-quite-some-length-and-number-${nth}`);
    assert.equal((await broker.register({ topics })).code, RESPONSE.success);
    assert.equal(door.node.state().topicQueues.size, 5_000);
    assert.ok(door.node.submitted.length > 1);
    for (const request of door.node.submitted)
      assert.ok(JSON.stringify(request).length < LIMITS.commandBytes);
    const before = door.node.submitted.length;
    await broker.register({ topics: [...topics, 'one-more'], counter: 2 });
    const [last] = door.node.submitted.slice(before);
    assert.equal(door.node.submitted.length, before + 1);
    assert.ok(JSON.stringify(last).length < 1_000, 'only what is new travels');
    assert.equal(door.node.state().topicQueues.size, 5_001);
  });

  it('of many topics is left to the leader for a moment by the other nodes, which then find it done', async (t) => {
    const door = await opened(t);
    const topics = Array.from({ length: 5_000 }, (_, nth) => `topic-of-quite-some-length-and-number-${nth}`);
    const head = {
      cluster: clusterName('C'),
      name: NAME,
      address: A.address,
      brokerId: 0,
      haAddress: '10.1.0.7:10912',
      site: siteName('idc-a'),
      zone: 'idc-a',
      version: OUR_VERSION,
      timeoutMs: 120_000,
      enableActingMaster: false,
      dataVersion: { stateVersion: 1, timestamp: 1_000, counter: 1 },
    };
    const queues = { readQueues: 4, writeQueues: 4, permission: 6, sysFlag: 0 };
    const plan = planRegistration(
      door.node.state(),
      head,
      topics.map((topic) => ({ topic, ...queues })),
      [],
    );
    assert.ok(plan.ok && plan.value.length > 1);
    const status = door.node.status.bind(door.node);
    // The leader is done with it as soon as this node has found that it does not lead.
    door.node.status = () => {
      if (door.node.state().registrations.size === 0)
        for (const command of plan.value) must(door.node.apply(command));
      return { ...status(), role: 'follower' };
    };
    const { code } = await (await door.broker(A)).register({ topics });
    assert.equal(code, RESPONSE.success);
    assert.deepEqual(proposals(door), []);
  });

  it('is committed by a node that does not lead where the leader has not got it for a while', async (t) => {
    const door = await opened(t);
    const status = door.node.status.bind(door.node);
    door.node.status = () => ({ ...status(), role: 'follower' });
    const sentAtMs = performance.now();
    assert.equal((await (await door.broker(A)).register()).code, RESPONSE.success);
    assert.ok(performance.now() - sentAtMs >= 250);
    assert.deepEqual(proposals(door), ['registration.set']);
  });

  it('takes nothing back where a later one has come in through another node meanwhile', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    await broker.register();
    const kept = door.node.state().registrations.get(A.address);
    assert.ok(kept !== undefined);
    const status = door.node.status.bind(door.node);
    let isOvertaken = false;
    door.node.status = () => {
      const later = { stateVersion: 1, timestamp: 1_000, counter: 3 };
      const changed = { type: 'registration.set', ...kept, brokerId: 0, dataVersion: later } as const;
      const nothing = { enableActingMaster: false, topicCount: 2, topics: [], staticTopics: [] };
      if (!isOvertaken) must(door.node.apply({ ...changed, ...nothing }));
      isOvertaken = true;
      return { ...status(), role: 'follower' };
    };
    assert.equal((await broker.register({ counter: 2, topics: ['TopicC'] })).code, RESPONSE.success);
    assert.deepEqual(proposals(door), ['registration.set']);
    assert.equal(door.node.state().registrations.get(A.address)?.dataVersion.counter, 3);
    // An earlier one than what was there when it came in is news: the broker may have lost its disk.
    await broker.register({ counter: 1 });
    assert.equal(door.node.state().registrations.get(A.address)?.dataVersion.counter, 1);
  });

  it('brings back what somebody else took away, though only what is another in it is read mostly', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    const topics = Array.from({ length: 100 }, (_, nth) => `topic-${nth}`);
    await broker.register({ topics });
    await broker.register({ topics: [...topics, 'topic-100'], counter: 2 });
    assert.equal(door.node.state().topicQueues.size, 101);
    must(door.node.apply({ type: 'naming.deleteTopic', topic: 'topic-50', cluster: null }));
    await broker.register({ topics: [...topics, 'topic-100', 'topic-101'], counter: 3 });
    assert.equal(door.node.state().topicQueues.size, 102);
  });

  it('is asked for again where the leader changes, for it may be committed twice', async (t) => {
    const door = await opened(t);
    const submit = door.node.submit.bind(door.node);
    const refusals = ['notLeader', 'noLeader', 'overloaded'] as const;
    let asked = 0;
    door.node.submit = async (request) => {
      const code = refusals[asked];
      asked += 1;
      return code === undefined ? submit(request) : refused(code, 'Not now.');
    };
    assert.equal((await (await door.broker(A)).register()).code, RESPONSE.success);
    assert.equal(asked, refusals.length + 1);
  });

  it('is not read any further once its version is known', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    for (const compress of [false, true]) {
      const counter = compress ? 2 : 1;
      const topics = Array.from({ length: 500 }, (_, nth) => `topic-of-some-length-${nth}`);
      await broker.register({ topics, compress, counter });
      const body = registrationBody({ topics, compress, counter }).subarray(0, 700);
      const fields = {
        clusterName: A.cluster,
        brokerName: A.name,
        brokerAddr: A.address,
        haServerAddr: '10.1.0.7:10912',
        brokerId: 0,
        enableActingMaster: false,
        __ZONE_NAME: 'idc-a',
      };
      const { code, remark } = await broker.client.ask(REQUEST.registerBroker, { fields, body });
      assert.equal(code, RESPONSE.success, remark ?? '');
      const other = registrationBody({ topics, compress, counter: 3 }).subarray(0, 700);
      const cut = await broker.client.ask(REQUEST.registerBroker, { fields, body: other });
      assert.equal(cut.code, RESPONSE.systemError, 'another version is read, and this one cannot be');
    }
  });

  it('is read compressed, too, whatever the header says of it', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    await broker.register({ compress: true });
    assert.equal(door.node.state().topicQueues.size, 2);
    await broker.register({
      compress: true,
      counter: 2,
      topics: ['TopicC'],
      fields: { compressed: 'false' },
    });
    assert.equal(door.node.state().topicQueues.size, 3);
  });

  it('tells a slave whom to follow, and nobody to follow himself', async (t) => {
    const door = await opened(t);
    const [master, slave] = [await door.broker(A), await door.broker(A_SLAVE)];
    const alone = await slave.register({ brokerId: 2 });
    assert.equal(alone.fields.get('masterAddr'), undefined);
    const { fields } = await master.register();
    assert.deepEqual([fields.get('masterAddr'), fields.get('haServerAddr')], [undefined, undefined]);
    const told = await slave.register({ brokerId: 2 });
    assert.deepEqual(
      [told.fields.get('masterAddr'), told.fields.get('haServerAddr')],
      [A.address, '10.1.0.7:10912'],
    );
  });

  it('tells a slave of the elected master before that has registered as one, and takes nothing of the old one', async (t) => {
    const door = await opened(t);
    const [old, elected] = [await door.broker(A), await door.broker(A_SLAVE)];
    for (const broker of [old, elected]) await broker.registerToController(await broker.applyForId());
    elect(door.node, A.name, 1, 1);
    await old.register({ stateVersion: 1 });
    await elected.register({ brokerId: 2, stateVersion: 1 });
    elect(door.node, A.name, 2, 2);
    const third = await door.broker({ ...A_SLAVE, address: '10.2.0.8:10911' });
    const { fields } = await third.register({ brokerId: 3, stateVersion: 1 });
    assert.deepEqual(
      [fields.get('masterAddr'), fields.get('haServerAddr')],
      [A_SLAVE.address, '10.2.0.7:10912'],
    );
    const own = await elected.register({ brokerId: 2, stateVersion: 1 });
    assert.equal(own.fields.get('masterAddr'), undefined, 'it is the master and does not know yet');
    const stale = await old.register({ stateVersion: 1, counter: 9 });
    assert.deepEqual([stale.code, stale.fields.size], [RESPONSE.success, 0]);
    assert.equal(door.node.state().namedSets.get(NAME)?.addresses.get(0), A_SLAVE.address);
  });

  it('carries the order of topics in its answer, where somebody has set one', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    assert.equal((await broker.register()).body.length, 0);
    const fields = { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA', value: 'broker-a:4' };
    await broker.client.ask(REQUEST.putKvConfig, { fields });
    assert.deepEqual(bodyOf(await broker.register()), { table: { TopicA: 'broker-a:4' } });
  });

  it('is refused with a wrong checksum, and taken with none', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    const { code, remark } = await broker.register({ fields: { bodyCrc32: 1 } });
    assert.deepEqual([code, remark], [RESPONSE.systemError, 'crc32 not match']);
    assert.equal(door.node.state().registrations.size, 0);
    assert.equal((await broker.register({ fields: { bodyCrc32: 0 } })).code, RESPONSE.success);
  });

  it('is refused to one that claims the name of another cluster, or the address of another broker', async (t) => {
    const door = await opened(t);
    await (await door.broker(A)).register();
    const claims: readonly (readonly [place: Place, remark: RegExp])[] = [
      [{ ...A, cluster: 'D', address: '10.1.0.9:10911' }, /broker-a is a broker set of cluster C/],
      [{ ...A, name: 'broker-b' }, /registered for broker set broker-a/],
      [{ ...A, name: 'a/b' }, /brokerName "a\/b" is no name/],
      [{ ...A, cluster: '../etc' }, /clusterName ".*" is no name/],
    ];
    for (const [place, expected] of claims) {
      const { code, remark } = await (await door.broker(place)).register();
      assert.equal(code, RESPONSE.systemError);
      assert.match(remark ?? '', expected);
    }
    assert.deepEqual([...door.node.state().registrations.keys()], [A.address]);
    assert.equal(door.node.heard.length, 1, 'who claims what is not his is no evidence');
  });

  it('is refused of a broker nobody knows that brings a single topic', async (t) => {
    const door = await opened(t);
    const { code, remark } = await (await door.broker(A)).register({ topics: ['TBW102'] });
    assert.deepEqual([code, remark], [RESPONSE.systemError, 'register broker failed']);
  });

  it('is an error at a node that cannot confirm that it is current: the broker takes the answer of another', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    door.node.current = false;
    assert.equal((await broker.register()).code, RESPONSE.systemError);
    assert.equal((await broker.client.ask(REQUEST.getNamesrvConfig)).code, RESPONSE.success, 'it stays');
  });

  it('waits for a leader rather than send a broker away for half a minute', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    let refusals = 0;
    const submit = door.node.submit.bind(door.node);
    door.node.submit = async (request) => {
      if (refusals < 3) {
        refusals += 1;
        return { ok: false, refusal: { code: 'noLeader', message: 'no leader' } };
      }
      return submit(request);
    };
    assert.equal((await broker.register()).code, RESPONSE.success);
    assert.equal(refusals, 3);
  });

  it('ends with 104, of that broker only', async (t) => {
    const door = await opened(t);
    const [master, slave] = [await door.broker(A), await door.broker(A_SLAVE)];
    await master.register();
    await slave.register({ brokerId: 2 });
    assert.equal((await slave.unregister(2)).code, RESPONSE.success);
    assert.deepEqual([...door.node.state().registrations.keys()], [A.address]);
    const stranger = await door.broker({ ...A, name: 'broker-b' });
    assert.equal((await stranger.unregister()).code, RESPONSE.success);
    assert.deepEqual([...door.node.state().registrations.keys()], [A.address]);
    await master.unregister();
    assert.equal(door.node.state().namedSets.size, 0);
  });

  it('says goodbye for every broker of a connection that ends', async (t) => {
    const door = await opened(t);
    const broker = await door.broker(A);
    await broker.register();
    door.node.heard.length = 0;
    broker.client.close();
    await eventually('its end is evidence', () => door.node.heard.length > 0);
    assert.deepEqual(
      door.node.heard.map(({ what, address }) => [what, address]),
      [['closed', A.address]],
    );
  });

  it('of 200 brokers at once is taken from each of them', async (t) => {
    const door = await opened(t);
    const brokers = await Promise.all(
      Array.from({ length: 200 }, (_, nth) =>
        door.broker({ ...A, name: `broker-${nth}`, address: `10.1.${nth % 5}.${nth}:10911` }),
      ),
    );
    const answers = await Promise.all(brokers.map((broker) => broker.register()));
    assert.ok(answers.every(({ code }) => code === RESPONSE.success));
    assert.equal(door.node.state().registrations.size, 200);
    for (const broker of brokers) broker.client.close();
    await eventually(
      'all are gone',
      () => door.node.heard.filter(({ what }) => what === 'closed').length === 200,
    );
  });
});
