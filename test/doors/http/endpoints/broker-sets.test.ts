import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { groupKey, nodeName } from '../../../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../../../src/core/primitives/refusal.ts';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  CLUSTER,
  elect,
  IDC_B,
  registration,
} from '../../../core/metadata/broker-set-fixture.ts';
import { openDoor } from '../door-fixture.ts';
import { type FakeNode, fakeNode, must } from '../fake-node.ts';

const path = '/v1/broker-sets';

/** broker-a: three brokers, 1 is master, 2 in the other IDC and in sync; broker-b only registers. */
function node(): FakeNode {
  const fake = fakeNode();
  const commands = [
    applyId(1),
    applyId(2),
    applyId(3),
    elect(1, 0),
    registration(1),
    registration(2, { brokerId: 2, site: IDC_B }),
    alterSyncStateSet([1, 2]),
    registration(9, { name: BROKER_B, zone: 'IDC-A' }),
  ];
  for (const command of commands) must(fake.apply(command));
  return fake;
}

describe('/v1/broker-sets', () => {
  it('lists sets that are controlled and sets that only register', async () => {
    const { ask } = await openDoor(node());
    const { brokerSets, stale } = await ask(ENDPOINTS.brokerSetList, path, { token: false });
    assert.equal(stale, false);
    assert.deepEqual(brokerSets, [
      {
        cluster: 'DefaultCluster',
        name: 'broker-a',
        master: { id: 1, site: 'idc-a', address: addressOf(1) },
        brokers: 3,
        controlled: {
          masterEpoch: 1,
          syncStateSet: [1, 2],
          syncStateSetEpoch: 2,
          policy: 'cross-idc',
          onShortage: 'degrade',
          degraded: false,
          unproven: false,
          detectionMs: 3_000,
          automaticStopped: false,
        },
      },
      {
        cluster: 'DefaultCluster',
        name: 'broker-b',
        master: { id: 0, site: 'idc-a', address: addressOf(9) },
        brokers: 1,
        controlled: null,
      },
    ]);
  });

  it('shows brokers, registrations, elections and alerts of one set, and what its clients get', async () => {
    const fake = node();
    fake.alertRows = [
      { group: groupKey(CLUSTER, BROKER_A), replica: null, code: 'shortage', message: 'a', sinceWallMs: 1 },
      { group: groupKey(CLUSTER, BROKER_B), replica: null, code: 'shortage', message: 'b', sinceWallMs: 1 },
    ];
    const ref = { cluster: CLUSTER, name: BROKER_A, address: addressOf(2) };
    const heartbeat = { epoch: 3, maxOffset: 2n ** 60n, confirmOffset: 7n, ageMs: 400 };
    fake.brokerEvidenceRows = [
      { ref, vantage: nodeName('node-a'), ageMs: 400, isClosed: false, heartbeat },
      { ref, vantage: nodeName('node-b'), ageMs: 900, isClosed: true, heartbeat: null },
    ];
    const { ask } = await openDoor(fake);
    const set = await ask(ENDPOINTS.brokerSetGet, `${path}/broker-a`, { token: false });
    assert.deepEqual(
      set.brokers.map(({ heard }) => heard.length),
      [0, 2, 0],
    );
    assert.deepEqual(set.brokers[1]?.heard[1], { node: 'node-b', ageMs: 900, closed: true });
    const said = { epoch: 3, maxOffset: (2n ** 60n).toString(), confirmOffset: '7', ageMs: 400 };
    assert.deepEqual([set.brokers[1]?.heartbeat, set.brokers[0]?.heartbeat], [said, null]);
    assert.deepEqual(
      set.brokers.map(({ id, role, site, registration: said }) => [id, role, site, said?.brokerId]),
      [
        [1, 'master', 'idc-a', 0],
        [2, 'inSync', 'idc-b', 2],
        [3, 'outside', 'idc-a', undefined],
      ],
    );
    const [election] = set.elections;
    assert.deepEqual(
      [election?.reason, election?.from, election?.to, election?.candidates[0]?.maxOffset],
      ['firstMaster', null, 1, (2n ** 62n).toString()],
    );
    assert.deepEqual(
      set.alerts.map(({ message }) => message),
      ['a'],
    );
    const told = set.protection.map(({ client, protection }) => `${client}: ${protection}`).join('\n');
    assert.match(told, /allAckInSyncStateSet=true and minInSyncReplicas=2.* haHousekeepingInterval=86400000/);
    assert.match(told, /cannot revoke an unmodified broker/);
    assert.match(told, /now one of them stands in another IDC/);
    const named = await ask(ENDPOINTS.brokerSetGet, `${path}/broker-b`);
    assert.deepEqual(
      named.brokers.map(({ id, role, registration: said }) => [id, role, said?.zone]),
      [[null, 'master', 'IDC-A']],
    );
    assert.match(named.protection[0]?.protection ?? '', /enableControllerMode=true/);
  });

  it('says where a message is held now, and that nothing is acknowledged where the master is alone', async () => {
    const fake = node();
    must(fake.apply(elect(2, 1)));
    const { ask } = await openDoor(fake);
    const alone = await ask(ENDPOINTS.brokerSetGet, `${path}/broker-a`);
    assert.match(alone.protection[0]?.protection ?? '', /nothing is acknowledged until a slave is back/);
    assert.equal(alone.controlled?.degraded, true);
    const { brokerSets } = await ask(ENDPOINTS.status, '/v1/status');
    assert.deepEqual(brokerSets, { count: 1, withoutMaster: 0, degraded: 1 });
  });

  it('changes the policy with the token, and names the field that is wrong', async () => {
    const { ask, refusal, node: fake } = await openDoor(node());
    const sent = { method: 'PATCH', body: { onShortage: 'block', detectionMs: 2_000 } };
    await ask(ENDPOINTS.brokerSetChange, `${path}/broker-a`, sent);
    const { policy, onShortage, detectionMs } = fake.state().brokerSets.get(BROKER_A) ?? {};
    assert.deepEqual([policy, onShortage, detectionMs], ['cross-idc', 'block', 2_000]);
    assert.equal(fake.state().changes.at(-1)?.by, 'token-1');
    await refusal('unauthorized', `${path}/broker-a`, { ...sent, token: false });
    await refusal('invalidRequest', `${path}/broker-a`, { method: 'PATCH', body: {} });
    await refusal('invalidRequest', `${path}/broker-a`, { method: 'PATCH', body: { policy: 'majority' } });
    const only = await refusal('unknownBrokerSet', `${path}/broker-b`, sent);
    assert.match(only.message, /enableControllerMode/);
    const none = await refusal('unknownBrokerSet', `${path}/none`, sent);
    assert.equal(none.field, 'brokerSet');
  });

  it('elects through the request of the tools, designated, in the name of the token', async () => {
    const fake = node();
    fake.answer = () => {
      must(fake.apply(elect(2, 1, { reason: 'operator' })));
      return accepted({ kind: 'applied', index: fake.state().appliedIndex, changed: true });
    };
    const { ask, refusal } = await openDoor(fake);
    const done = await ask(ENDPOINTS.brokerSetElect, `${path}/broker-a/elect`, { body: { to: 2 } });
    assert.deepEqual(done, { kind: 'elected', changed: true, master: 2, masterEpoch: 2 });
    assert.deepEqual(fake.submitted.at(-1), {
      type: 'brokerSet',
      request: {
        kind: 'electMaster',
        cluster: CLUSTER,
        name: BROKER_A,
        brokerId: 2,
        designated: true,
        unsafe: false,
        by: 'token-1',
      },
    });
    fake.answer = () => refused('notInSyncStateSet', 'Broker 3 is not in it.');
    await refusal('notInSyncStateSet', `${path}/broker-a/elect`, { body: { to: 3 } });
    await refusal('invalidRequest', `${path}/broker-a/elect`, { body: { to: 0 } });
    await refusal('unauthorized', `${path}/broker-a/elect`, { body: { to: 2 }, token: false });
    await refusal('unknownBrokerSet', `${path}/broker-b/elect`, { body: { to: 2 } });
  });

  it('takes names that RocketMQ takes', async () => {
    const { refusal } = await openDoor(node());
    const strange = await refusal('unknownBrokerSet', `${path}/${encodeURIComponent('IDC-A@a|b%c')}`);
    assert.match(strange.message, /IDC-A@a\|b%c/);
  });
});

describe('/v1/topic-nears', () => {
  it('sets, lists and takes away rules', async () => {
    const { ask, refusal } = await openDoor(node());
    const rule = (topic: string, near: string | null) =>
      ask(ENDPOINTS.topicNearSet, '/v1/topic-nears', { body: { topic, near } });
    await rule('TopicA', 'prefer');
    await rule('*', 'strict');
    await rule('%RETRY%group', 'everywhere');
    const { rules } = await ask(ENDPOINTS.topicNearList, '/v1/topic-nears', { token: false });
    assert.deepEqual(rules, [
      { topic: '%RETRY%group', near: 'everywhere' },
      { topic: '*', near: 'strict' },
      { topic: 'TopicA', near: 'prefer' },
    ]);
    await rule('TopicA', null);
    assert.equal((await ask(ENDPOINTS.topicNearList, '/v1/topic-nears')).rules.length, 2);
    await refusal('invalidRequest', '/v1/topic-nears', { body: { topic: 'TopicA', near: 'far' } });
    await refusal('unauthorized', '/v1/topic-nears', { body: { topic: 'a', near: null }, token: false });
  });
});
