/** `pollux return`: what is asked of the tier. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { runAgainst } from '../run-against.ts';

async function askedBy(...line: readonly string[]): Promise<unknown> {
  const started = json({ kind: 'drillStarted', drillId: 'drill-1' }, 202);
  const said = await runAgainst(() => started, ['return', 'idc-a', '--no-wait', ...line]);
  assert.equal(said.exit, 0, said.stderr);
  return JSON.parse(said.requests[0]?.body ?? '');
}

test('all that belong there, some that are named, or none', async () => {
  const usual = { kind: 'return', idc: 'idc-a', plan: false, parallel: 1, resyncs: 1, healthyMs: 10_000 };
  assert.deepEqual(await askedBy(), usual);
  assert.deepEqual(await askedBy('orders-a', 'stock', '--healthy-seconds', '0'), {
    ...usual,
    healthyMs: 0,
    groups: ['orders-a', 'stock'],
  });
  assert.deepEqual(await askedBy('--no-moves'), { ...usual, groups: [] });
});
