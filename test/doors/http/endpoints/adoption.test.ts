import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { siteName } from '../../../../src/core/primitives/identifiers.ts';
import { accepted } from '../../../../src/core/primitives/refusal.ts';
import { FakeSentinels } from '../../../core/sentinels/fake-sentinels.ts';
import { openDoor } from '../door-fixture.ts';
import { fakeNode } from '../fake-node.ts';

const idcOf = (host: string) => (host.startsWith('10.1.') ? siteName('idc-a') : null);

async function opened() {
  const node = fakeNode();
  const sentinels = new FakeSentinels();
  const door = await openDoor(node, idcOf, undefined, sentinels);
  node.answer = ({ type, ...request }) => {
    assert.equal(type, 'addGroup');
    const plan = { fit: true, master: null, servers: [], problems: [], survives: [], waitCount: 1 };
    return 'planOnly' in request && request.planOnly
      ? accepted({ kind: 'plan', plan })
      : accepted({ kind: 'committed', index: 77 });
  };
  return { ...door, node, sentinels };
}

const sentinel = '10.0.0.1:26379';
const body = { sentinel, master: 'orders', sites: { '10.2.0.3': 'idc-b' } };

describe('POST /v1/sentinels/masters', () => {
  it('names what a Sentinel watches, for operators only', async () => {
    const { ask, refusal } = await opened();
    const found = await ask(ENDPOINTS.sentinelMasters, '/v1/sentinels/masters', { body: { sentinel } });
    assert.deepEqual(found, { masters: ['orders'], leftOff: 0 });
    await refusal('unauthorized', '/v1/sentinels/masters', { body: { sentinel }, token: false });
    await refusal('brokerUnreachable', '/v1/sentinels/masters', { body: { sentinel: '10.9.0.1:1' } });
    const wrong = await refusal('invalidRequest', '/v1/sentinels/masters', {
      body: { sentinel: '10.9.0.1' },
    });
    assert.equal(wrong.field, 'sentinel');
  });
});

describe('POST /v1/sentinels/adopt', () => {
  it('plans with 200, adopts with 201, and passes on what the request says', async () => {
    const { ask, node, sentinels } = await opened();
    const planned = await ask(ENDPOINTS.groupAdopt, '/v1/sentinels/adopt', { body: { ...body, plan: true } });
    assert.ok(planned.kind === 'plan' && planned.fit && planned.plan !== null);
    assert.deepEqual(
      planned.adoption.servers.map(({ site, placedBy }) => `${site} ${placedBy}`),
      ['idc-a addressRange', 'idc-a addressRange', 'idc-b site'],
    );
    assert.deepEqual(sentinels.told, []);
    const terms = { policy: 'any-one', detectionMs: 2_000, labels: { a: 'b' } };
    const path = '/v1/sentinels/adopt?cluster=east';
    const adopted = await ask(ENDPOINTS.groupAdopt, path, { body: { ...body, ...terms } }, 201);
    assert.ok(adopted.kind === 'committed' && adopted.index === 77);
    assert.equal(sentinels.told.length, 3);
    const request = node.submitted.at(-1);
    assert.ok(request?.type === 'addGroup');
    const { cluster, name, policy, detectionMs, labels, kind } = request.declaration;
    assert.deepEqual(
      [cluster, name, policy, detectionMs, labels, kind, request.by],
      ['east', 'orders', 'any-one', 2_000, { a: 'b' }, 'redis', 'token-1'],
    );
  });

  it('refuses what cannot be, with the field', async () => {
    const { refusal, sentinels } = await opened();
    const fieldOf = async (code: Parameters<typeof refusal>[0], change: object) =>
      (await refusal(code, '/v1/sentinels/adopt', { body: { ...body, ...change } })).field;
    assert.equal(await fieldOf('notPlaced', { sites: {} }), 'sites');
    assert.equal(await fieldOf('unknownMaster', { master: 'stock' }), 'master');
    assert.equal(await fieldOf('invalidRequest', { master: 'a b' }), 'master');
    assert.equal(await fieldOf('invalidRequest', { replicas: [] }), 'replicas');
    const sites = Object.fromEntries(Array.from({ length: 1_025 }, (_, at) => [`10.0.${at}`, 'idc-a']));
    assert.equal(await fieldOf('invalidRequest', { sites }), 'sites');
    await refusal('unauthorized', '/v1/sentinels/adopt', { body, token: false });
    assert.deepEqual(sentinels.told, []);
  });
});
