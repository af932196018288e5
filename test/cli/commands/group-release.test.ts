import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { detail } from '../fixtures.ts';
import { runAgainst } from '../run-against.ts';

test('pollux group release --plan says what changes on each server, and how Sentinels are told, and asks for nothing', async () => {
  const said = await runAgainst(() => json(detail), ['group', 'release', 'orders-a', '--plan']);
  assert.equal(said.exit, 0, said.stderr);
  assert.deepEqual(
    said.requests.map(({ method }) => method),
    ['GET'],
  );
  assert.match(said.stdout, /the file is written as it runs: a master/);
  assert.match(said.stdout, /SENTINEL MONITOR orders-a \S+ \d+ 2/);
  const watched = await runAgainst(
    () => json({ ...detail, watchOnly: true }),
    ['group', 'release', 'orders-a', '--plan'],
  );
  assert.match(watched.stdout, /nothing on any server/);
});

test('what no Sentinel could watch is not told to one, and a fenced server is not called an ordinary one', async () => {
  const fencing = {
    ...{ kind: 'fencing', epoch: 4, reason: 'operatorFailover', recordId: 'r4' },
    ...{ preferred: null, unsafe: false },
  };
  const foreign = { ...detail, kind: 'http', phase: fencing };
  const answer = ({ method }: { readonly method: string }) =>
    json(method === 'GET' ? foreign : { kind: 'committed', index: 9 });
  const planned = await runAgainst(answer, ['group', 'release', 'orders-a', '--plan']);
  const released = await runAgainst(answer, ['group', 'release', 'orders-a']);
  for (const { exit, stdout, stderr } of [planned, released]) {
    assert.equal(exit, 0, stderr);
    assert.match(stdout, /between two masters, and a fenced server stays fenced/);
    assert.doesNotMatch(stdout, /SENTINEL MONITOR|within seconds/);
  }
});

test('without --plan the group is removed, by either name', async () => {
  for (const word of ['release', 'remove']) {
    const said = await runAgainst(
      ({ method }) => json(method === 'GET' ? detail : { kind: 'committed', index: 9 }),
      ['group', word, 'orders-a'],
    );
    assert.equal(said.exit, 0, said.stderr);
    assert.match(said.stdout, /within seconds those of its servers that answer are ordinary ones/);
    assert.deepEqual(
      said.requests.map(({ method, url }) => `${method} ${url.pathname}`),
      ['GET /v1/groups/orders-a', 'DELETE /v1/groups/orders-a'],
    );
  }
});
