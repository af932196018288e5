import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import type { KeptTail } from '../../../../src/core/metadata/state.ts';
import { lineage, nodeName, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { openDoor, TAILS } from '../door-fixture.ts';
import { fakeNode } from '../fake-node.ts';

const PATH = '/v1/groups/orders-a/tail';
const TEXT = ['*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'].join('');

const tailOf = (file: string): KeptTail => ({
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
});

it('says which node keeps a tail, shows it where it is, and refuses an epoch that cut off none', async () => {
  const { ask, refusal, node } = await openDoor();
  assert.deepEqual(await ask(ENDPOINTS.tailGet, PATH), { tails: [], shown: null });
  const [record] = node.store.history;
  assert.ok(record);
  const tail = tailOf('tails/default-orders-a-1-orders-a-1.resp');
  node.store.history = [{ ...record, tail }];
  const elsewhere = await ask(ENDPOINTS.tailGet, PATH);
  assert.deepEqual([elsewhere.shown?.here, elsewhere.shown?.commands], [false, []]);
  assert.equal(elsewhere.shown?.gone, false);
  const own = { ...tail, node: node.status().node };
  node.store.history = [{ ...record, tail: own }];
  assert.equal((await ask(ENDPOINTS.tailGet, PATH)).shown?.gone, true);
  node.store.history = [{ ...record, tail }];
  assert.equal(elsewhere.tails[0]?.cut, String(2n ** 62n));
  TAILS.set(tail.file, new TextEncoder().encode(TEXT));
  const here = await ask(ENDPOINTS.tailGet, `${PATH}?limit=1`);
  assert.deepEqual(here.shown?.commands, [['SELECT', '0']]);
  assert.equal(here.shown?.commandsLeft, 1);
  await refusal('unknownRecord', `${PATH}?epoch=99`);
  await refusal('unknownGroup', '/v1/groups/none/tail');
  await refusal('unauthorized', PATH, { token: false });
});

it('reads one tail at a time, and says so to whoever asks meanwhile', async () => {
  const node = fakeNode();
  const [record] = node.store.history;
  assert.ok(record);
  node.store.history = [{ ...record, tail: tailOf('tails/slow.resp') }];
  const disk = new EventEmitter();
  const asked = once(disk, 'asked');
  const { ask, refusal } = await openDoor(node, undefined, async () => {
    const read = once(disk, 'read');
    disk.emit('asked');
    await read;
    return new TextEncoder().encode(TEXT);
  });
  const first = ask(ENDPOINTS.tailGet, PATH);
  await asked;
  await refusal('overloaded', PATH);
  disk.emit('read');
  assert.equal((await first).shown?.commands.length, 2);
});

it('shows no more bytes of a tail than one answer may have', async () => {
  const { ask, node } = await openDoor();
  const [record] = node.store.history;
  assert.ok(record);
  const tail = tailOf('tails/large.resp');
  node.store.history = [{ ...record, tail }];
  const large = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n${'x'.repeat(1_000_000)}\r\n`;
  TAILS.set(tail.file, new TextEncoder().encode(`${TEXT}${large}${large}${large}`));
  const { shown } = await ask(ENDPOINTS.tailGet, PATH);
  assert.deepEqual([shown?.commands.length, shown?.commandsLeft], [3, 2]);
});
