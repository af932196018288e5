import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../../../../src/core/primitives/limits.ts';
import { accepted, refused } from '../../../../../src/core/primitives/refusal.ts';
import { FakeSentinels } from '../../../../core/sentinels/fake-sentinels.ts';
import { TOKEN } from '../../../http/fake-node.ts';
import { openDoor } from '../../open-door.ts';

const MASTER = '10.1.0.1:6379';

async function asOperator(t: TestContext) {
  const sentinels = new FakeSentinels();
  sentinels.serve(MASTER, ['10.1.0.2:6379', '10.2.0.3:6379']);
  const door = await openDoor(t, [], sentinels);
  door.node.answer = () => accepted({ kind: 'committed', index: 9 });
  const one = await door.client();
  await one.ask('AUTH', TOKEN);
  const monitor = (...words: readonly string[]): Promise<string> => one.ask('SENTINEL', 'MONITOR', ...words);
  return { ...door, sentinels, monitor };
}

test('a group is declared with the slaves of its master, each in the IDC of its address', async (t) => {
  const { monitor, node, bugs } = await asOperator(t);
  assert.equal(await monitor('stock', '10.1.0.1', '6379', '2'), '+OK\r\n');
  const [request] = node.submitted;
  assert.ok(request?.type === 'addGroup' && !request.planOnly);
  const { cluster, name, replicas, policy, onShortage, watchOnly } = request.declaration;
  assert.deepEqual(
    [cluster, name, policy, onShortage, watchOnly, request.by],
    ['default', 'stock', 'cross-idc', 'degrade', false, 'token-1'],
  );
  assert.deepEqual(
    replicas.map(({ id, site, endpoints }) => `${id} ${site} ${endpoints.client}`),
    ['stock-1 idc-a 10.1.0.1:6379', 'stock-2 idc-a 10.1.0.2:6379', 'stock-3 idc-b 10.2.0.3:6379'],
  );
  assert.deepEqual(bugs, []);
});

test('in one IDC no policy over two is asked for; a name of another cluster and an IPv6 address are taken', async (t) => {
  const { monitor, node, sentinels } = await asOperator(t);
  sentinels.serve(MASTER, ['10.1.0.2:6379']);
  assert.equal(await monitor('east/stock', '10.1.0.1', '6379', '1'), '+OK\r\n');
  const [request] = node.submitted;
  assert.ok(request?.type === 'addGroup');
  const { cluster, name, policy } = request.declaration;
  assert.deepEqual([cluster, name, policy], ['east', 'stock', 'majority']);
  assert.match(
    await monitor('stock', '2001:db8::1', '6379', '1'),
    /^-ERR brokerUnreachable: \[2001:db8::1\]:6379 /,
  );
});

test('arguments are refused as a Sentinel refuses them, before anybody is asked', async (t) => {
  const { monitor, node } = await asOperator(t);
  const cases: readonly (readonly [words: readonly string[], answer: string])[] = [
    [['x', '10.1.0.1', '6379', 'two'], 'ERR Invalid quorum'],
    [['x', '10.1.0.1', 'many', '0'], 'ERR Invalid port'],
    [['x', '10.1.0.1', '99999999999999999999', '1'], 'ERR Invalid port'],
    [['x', '10.1.0.1', '01', '1'], 'ERR Invalid port'],
    [['x', 'nohost', '99999', '0'], 'ERR Quorum must be 1 or greater.'],
    [['x', 'nohost', '99999', '1'], 'ERR Invalid IP address or hostname specified'],
    [['orders-a', '10.1.0.1', '99999', '1'], 'ERR Invalid port number.'],
    [['x', '10.1.0.1', '-1', '1'], 'ERR Invalid port number.'],
    [['x', '10.1.0.1', '0', '1'], 'ERR Invalid port number.'],
    [['orders-a', '10.1.0.1', '6379', '1'], 'ERR Duplicate master name.'],
    [['x', '10.1.0.1', '6379'], "ERR wrong number of arguments for 'sentinel|monitor' command"],
  ];
  for (const [words, answer] of cases)
    assert.equal(await monitor(...words), `-${answer}\r\n`, words.join(' '));
  const names = ['', '/', 'a/', 'a b', 'a\r', '..', 'a/b/c', 'x'.repeat(LIMITS.nameCharacters + 1)];
  for (const name of names)
    assert.match(await monitor(name, '10.1.0.1', '6379', '1'), /^-ERR invalidRequest: /);
  assert.deepEqual(node.submitted, []);
});

test('only who holds an operator token may', async (t) => {
  const { client, node } = await openDoor(t);
  const answer = await (await client()).ask('SENTINEL', 'MONITOR', 'stock', '10.1.0.1', '6379', '2');
  assert.match(answer, /^-NOPERM /);
  assert.deepEqual(node.submitted, []);
});

test('what cannot be placed, and what is another server on every host, is refused with the way out', async (t) => {
  const { monitor, node, sentinels } = await asOperator(t);
  sentinels.serve(MASTER, ['10.3.0.1:6379']);
  const astray = await monitor('stock', '10.1.0.1', '6379', '2');
  assert.match(
    astray,
    /^-ERR notPlaced: .* 10\.3\.0\.1:6379\. Add a range to addressRanges .*pollux group add/,
  );
  sentinels.serve(MASTER, ['127.0.0.1:6380']);
  assert.match(await monitor('stock', '10.1.0.1', '6379', '2'), /^-ERR notPlaced: .*replica-announce-ip/);
  assert.match(await monitor('stock', '127.0.0.1', '6380', '2'), /^-ERR brokerRefused: .*name its master/);
  assert.deepEqual(node.submitted, []);
});

test('a refusal of the tier comes back: a name that this user does not see, and anything else', async (t) => {
  const { monitor, node } = await asOperator(t);
  node.answer = () => refused('duplicateName', 'There is one.', { field: 'name' });
  assert.equal(await monitor('stock', '10.1.0.1', '6379', '2'), '-ERR Duplicate master name.\r\n');
  node.answer = () => refused('preflightFailed', 'A Sentinel watches the server.', { field: 'replicas' });
  assert.equal(
    await monitor('stock', '10.1.0.1', '6379', '2'),
    '-ERR preflightFailed: A Sentinel watches the server.\r\n',
  );
});
