import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { lineage, nodeName, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { openDoor, TAILS } from '../door-fixture.ts';

const PATH = '/v1/groups/orders-a/tail';
const TEXT = ['*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'].join('');

it('says which node keeps a tail, shows it where it is, and refuses an epoch that cut off none', async () => {
  const { ask, refusal, node } = await openDoor();
  assert.deepEqual(await ask(ENDPOINTS.tailGet, PATH), { tails: [], shown: null });
  const [record] = node.store.history;
  assert.ok(record);
  const file = 'tails/default-orders-a-1-orders-a-1.resp';
  const tail = {
    replica: replicaId('orders-a-1'),
    node: nodeName('pollux-a'),
    file,
    sha256: 'ab',
    lineage: lineage('l1'),
    cut: 2n ** 62n,
    offset: 2n ** 62n + BigInt(TEXT.length),
    bytes: TEXT.length,
    complete: true,
    writes: 1,
    perhapsExpiries: 0,
    others: 1,
  };
  node.store.history = [{ ...record, tail }];
  const elsewhere = await ask(ENDPOINTS.tailGet, PATH);
  assert.deepEqual([elsewhere.shown?.here, elsewhere.shown?.commands], [false, []]);
  assert.equal(elsewhere.shown?.gone, false);
  const own = { ...tail, node: node.status().node };
  node.store.history = [{ ...record, tail: own }];
  assert.equal((await ask(ENDPOINTS.tailGet, PATH)).shown?.gone, true);
  node.store.history = [{ ...record, tail }];
  assert.equal(elsewhere.tails[0]?.cut, String(2n ** 62n));
  TAILS.set(file, new TextEncoder().encode(TEXT));
  const here = await ask(ENDPOINTS.tailGet, `${PATH}?limit=1`);
  assert.deepEqual(here.shown?.commands, [['SELECT', '0']]);
  assert.equal(here.shown?.commandsLeft, 1);
  await refusal('unknownRecord', `${PATH}?epoch=99`);
  await refusal('unknownGroup', '/v1/groups/none/tail');
  await refusal('unauthorized', PATH, { token: false });
});
