import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import type { GroupPlan } from '../../../../src/core/coordinator/requests.ts';
import {
  epoch,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../../../src/core/primitives/refusal.ts';
import { openDoor } from '../door-fixture.ts';
import { fakeNode, keyOf } from '../fake-node.ts';

const report = {
  incarnation: incarnation('run-1'),
  role: 'master',
  loading: false,
  lineage: lineage('lineage-1'),
  secondLineage: null,
  secondOffset: -1n,
  offset: 9_007_199_254_740_993n,
  follows: null,
  connectedSlaves: 2,
  epoch: null,
} as const;

const declared = {
  name: 'stock',
  replicas: [
    { site: 'idc-a', endpoints: { client: '127.0.0.1:7301' } },
    { site: 'idc-b', endpoints: { client: '127.0.0.1:7302', replication: '10.0.0.2:7302' }, priority: 5 },
  ],
};

describe('GET /v1/groups/:group', () => {
  it('shows replicas with the evidence of every vantage, wait counts, floor and who is protected', async () => {
    const node = fakeNode();
    node.evidenceRows = [
      {
        vantage: nodeName('node-b'),
        group: keyOf('orders-a'),
        replica: replicaId('orders-a-1'),
        outcome: { kind: 'answered', answerMs: 0.4, report },
        ageMs: 80,
        answerMs: 0.5,
        standing: 'alive',
      },
      {
        vantage: nodeName('node-a'),
        group: keyOf('orders-b'),
        replica: replicaId('orders-a-1'),
        outcome: { kind: 'silent', waitedMs: 1_000 },
        ageMs: 0,
        answerMs: null,
        standing: 'suspect',
      },
    ];
    node.apply({ type: 'group.raiseFloor', key: keyOf('orders-a'), epoch: epoch(1), floor: report.offset });
    const { ask } = await openDoor(node);
    const group = await ask(ENDPOINTS.groupGet, '/v1/groups/orders-a', { token: false });
    assert.equal(group.epoch, 1);
    assert.equal(group.waitCount, 2);
    assert.equal(group.waitCountAnyMaster, 2);
    assert.equal(group.floor, '9007199254740993');
    assert.deepEqual(
      group.replicas.map(({ id, role }) => [id, role]),
      [
        ['orders-a-1', 'master'],
        ['orders-a-2', 'syncSetMember'],
        ['orders-a-3', 'syncSetMember'],
      ],
    );
    const [evidence, ...more] = group.replicas[0]?.evidence ?? [];
    assert.deepEqual(more, []);
    assert.equal(evidence?.vantage, 'node-b');
    assert.ok(evidence?.outcome.kind === 'answered');
    assert.equal(evidence.outcome.report.offset, '9007199254740993');
    assert.equal(group.protection.length, 3);
    assert.match(group.protection[0]?.protection ?? '', /w-1 and WAIT 2/);
  });

  it('refuses a group that is not declared, also one of another cluster', async () => {
    const { refusal } = await openDoor();
    assert.equal((await refusal('unknownGroup', '/v1/groups/none')).field, 'group');
    await refusal('unknownGroup', '/v1/groups/orders-a?cluster=other');
  });
});

describe('GET /v1/groups', () => {
  it('lists the groups of all clusters or of one', async () => {
    const { ask } = await openDoor();
    assert.equal((await ask(ENDPOINTS.groupList, '/v1/groups')).groups.length, 2);
    assert.equal((await ask(ENDPOINTS.groupList, '/v1/groups?cluster=other')).groups.length, 0);
  });
});

describe('POST /v1/groups', () => {
  it('hands over a complete declaration and answers 201 once it is committed', async () => {
    const { ask, node } = await openDoor();
    node.answer = () => accepted({ kind: 'committed', index: 41 });
    const answer = await ask(ENDPOINTS.groupAdd, '/v1/groups?cluster=shop', { body: declared }, 201);
    assert.deepEqual(answer, { kind: 'committed', index: 41 });
    const expected = {
      type: 'addGroup',
      declaration: {
        cluster: 'shop',
        name: 'stock',
        kind: 'redis',
        watchOnly: false,
        replicas: [
          {
            id: 'stock-1',
            site: 'idc-a',
            endpoints: { client: '127.0.0.1:7301', replication: '127.0.0.1:7301', announced: null },
            priority: 100,
          },
          {
            id: 'stock-2',
            site: 'idc-b',
            endpoints: { client: '127.0.0.1:7302', replication: '10.0.0.2:7302', announced: null },
            priority: 5,
          },
        ],
        preferredMaster: null,
        policy: 'cross-idc',
        onShortage: 'block',
        timeFenceSeconds: 3,
        detectionMs: 1_000,
        cooldownMs: 60_000,
        owner: '',
        labels: {},
      },
      planOnly: false,
      by: 'token-1',
    };
    assert.deepEqual(node.submitted, [expected]);
  });

  it('answers a plan with 200', async () => {
    const { ask, node } = await openDoor();
    const plan: GroupPlan = {
      fit: false,
      master: replicaId('stock-1'),
      servers: [
        {
          replica: replicaId('stock-1'),
          site: siteName('idc-a'),
          address: '127.0.0.1:7301',
          inspection: {
            report,
            version: '7.0.15',
            configFile: null,
            prepared: false,
            keys: 12n,
            persistence: 'none',
            watchedBySentinel: false,
            problems: [{ code: 'noConfigFile', message: 'It was started without a configuration file.' }],
            changes: [],
          },
          error: null,
        },
      ],
      problems: [{ replica: null, code: 'x', message: 'y' }],
      survives: [{ failure: 'master', outcome: 'zeroLoss', detail: '' }],
      waitCount: 1,
    };
    node.answer = () => accepted({ kind: 'plan', plan });
    const answer = await ask(ENDPOINTS.groupAdd, '/v1/groups', { body: { ...declared, plan: true } });
    assert.ok(answer.kind === 'plan');
    assert.equal(answer.plan.servers[0]?.inspection?.keys, '12');
    assert.ok(node.submitted[0]?.type === 'addGroup' && node.submitted[0].planOnly);
  });

  it('refuses bad addresses, doubled ids and a master that is none of the replicas', async () => {
    const { refusal, node } = await openDoor();
    const [first, second] = declared.replicas;
    const withAddress = (client: string) => ({
      ...declared,
      replicas: [{ ...first, endpoints: { client } }],
    });
    for (const client of ['127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', 'redis://h:1', ':6379']) {
      const error = await refusal('invalidRequest', '/v1/groups', { body: withAddress(client) });
      assert.equal(error.field, 'replicas.0.endpoints.client');
    }
    const doubled = { ...declared, replicas: [{ ...first, id: 'stock-2' }, second] };
    assert.equal((await refusal('duplicateName', '/v1/groups', { body: doubled })).field, 'replicas.1.id');
    const strange = { ...declared, preferredMaster: 'stock-9' };
    assert.equal(
      (await refusal('unknownReplica', '/v1/groups', { body: strange })).expected,
      'stock-1 | stock-2',
    );
    assert.equal(node.submitted.length, 0);
  });

  it('passes on what preflight refused', async () => {
    const { refusal, node } = await openDoor();
    node.answer = () => refused('preflightFailed', 'No.', { field: 'replicas.1' });
    assert.equal((await refusal('preflightFailed', '/v1/groups', { body: declared })).field, 'replicas.1');
  });
});

describe('POST /v1/groups/:group/take', () => {
  it('hands over whom to take as the first master, and answers the plan that was asked for', async () => {
    const { ask, node } = await openDoor();
    node.answer = () => accepted({ kind: 'committed', index: 42 });
    const path = '/v1/groups/orders-a/take?cluster=shop';
    const answer = await ask(ENDPOINTS.groupTake, path, { body: { preferredMaster: 'b' } }, 200);
    assert.deepEqual(answer, { kind: 'committed', index: 42 });
    const expected = { type: 'takeGroup', group: 'shop/orders-a', preferredMaster: 'b', planOnly: false };
    assert.deepEqual(node.submitted, [{ ...expected, by: 'token-1' }]);
  });
});

describe('PATCH and DELETE /v1/groups/:group', () => {
  it('changes what is named and keeps the rest, in one command', async () => {
    const { ask, refusal, node } = await openDoor();
    await ask(ENDPOINTS.groupChange, '/v1/groups/orders-a', {
      method: 'PATCH',
      body: { onShortage: 'degrade' },
    });
    const settings = () => {
      const group = node.store.groups.get(keyOf('orders-a'));
      return [group?.policy, group?.onShortage, group?.detectionMs, group?.cooldownMs];
    };
    assert.deepEqual(settings(), ['cross-idc', 'degrade', 1_000, 60_000]);
    await ask(ENDPOINTS.groupChange, '/v1/groups/orders-a', {
      method: 'PATCH',
      body: { detectionMs: 800, cooldownMs: 0 },
    });
    assert.deepEqual(settings(), ['cross-idc', 'degrade', 800, 0]);
    const tooLong = { method: 'PATCH', body: { cooldownMs: 86_400_001 } };
    assert.equal((await refusal('invalidRequest', '/v1/groups/orders-a', tooLong)).field, 'cooldownMs');
    await refusal('invalidRequest', '/v1/groups/orders-a', { method: 'PATCH', body: {} });
    const unknown = { method: 'PATCH', body: { policy: 'all' } };
    assert.equal((await refusal('unknownGroup', '/v1/groups/none', unknown)).field, 'group');
  });

  it('shows a cool-down until it is acknowledged, or over', async () => {
    const { ask, refusal, node } = await openDoor();
    const shown = async () => (await ask(ENDPOINTS.groupGet, '/v1/groups/orders-a')).cooldown;
    assert.equal(await shown(), null);
    const group = node.store.groups.get(keyOf('orders-a'));
    assert.ok(group !== undefined);
    const sinceWallMs = 1_700_000_000_000 - 1_000;
    node.store.groups.set(group.key, { ...group, cooldown: { recordId: 'move-1', sinceWallMs } });
    assert.deepEqual(await shown(), {
      recordId: 'move-1',
      sinceWallMs,
      untilWallMs: sinceWallMs + 60_000,
    });
    const path = '/v1/groups/orders-a/acknowledge';
    await ask(ENDPOINTS.groupAcknowledge, path, { body: { note: 'a cable' } });
    assert.equal(await shown(), null);
    assert.deepEqual(node.submitted, [
      {
        type: 'propose',
        command: {
          type: 'group.acknowledge',
          key: group.key,
          by: 'token-1',
          note: 'a cable',
          wallMs: 1_700_000_000_000,
        },
      },
    ]);
    node.store.groups.set(group.key, {
      ...group,
      cooldown: { recordId: 'move-1', sinceWallMs: sinceWallMs - 60_000 },
    });
    assert.equal(await shown(), null);
    const unknown = { body: {} };
    assert.equal((await refusal('unknownGroup', '/v1/groups/none/acknowledge', unknown)).field, 'group');
  });

  it('changes the time fence, and says what clients that never wait get without one', async () => {
    const { ask, node } = await openDoor();
    node.answer = () => accepted({ kind: 'current', index: 1 });
    const path = '/v1/groups/orders-a';
    const before = await ask(ENDPOINTS.groupGet, path);
    assert.match(before.protection.at(-1)?.protection ?? '', /a time fence only.*stops within 5 s/);
    await ask(ENDPOINTS.groupChange, path, { method: 'PATCH', body: { timeFenceSeconds: 0 } });
    assert.equal(node.store.groups.get(keyOf('orders-a'))?.timeFenceSeconds, 0);
    const after = await ask(ENDPOINTS.groupGet, path);
    assert.match(after.protection.at(-1)?.protection ?? '', /^nothing: the time fence is off/);
  });

  it('gives a group back', async () => {
    const { ask, node } = await openDoor();
    node.answer = () => accepted({ kind: 'committed', index: 9 });
    await ask(ENDPOINTS.groupRemove, '/v1/groups/orders-a', { method: 'DELETE' });
    assert.deepEqual(node.submitted, [{ type: 'removeGroup', group: 'default/orders-a', by: 'token-1' }]);
  });
});
