/** `pollux return-rule`: what is asked of the tier, and what cannot be understood. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { lines, runAgainst, runLine } from '../run-against.ts';

const committed = () => json({ kind: 'committed', index: 7 });
const bodyOf = (said: { readonly requests: readonly { readonly body: string }[] }): unknown =>
  JSON.parse(said.requests[0]?.body ?? '');

test('sets and removes the rule of the tier or of a group', async () => {
  const tier = await runAgainst(committed, ['return-rule', '--all', '--prefer', 'idc-a']);
  assert.deepEqual(bodyOf(tier), { scope: { kind: 'all' }, preferredIdc: 'idc-a', returnAfterMs: null });
  assert.match(tier.stdout, /'pollux return' brings masters back/);
  const line = ['return-rule', '--group', 'orders-a', '--prefer', 'idc-a', '--after-seconds', '600'];
  const group = await runAgainst(committed, line);
  const scope = { kind: 'group', group: 'orders-a' };
  assert.deepEqual(bodyOf(group), { scope, preferredIdc: 'idc-a', returnAfterMs: 600_000 });
  assert.match(group.stdout, /by themselves after 10 min of health/);
  const removed = await runAgainst(committed, ['return-rule', '--group', 'orders-a', '--remove']);
  assert.deepEqual(bodyOf(removed), { scope });
});

test('lists the rules', async () => {
  const rules = [
    { scope: { kind: 'all' }, preferredIdc: 'idc-a', returnAfterMs: null },
    {
      scope: { kind: 'group', cluster: 'default', group: 'stock' },
      preferredIdc: 'idc-b',
      returnAfterMs: 60_000,
    },
  ];
  const said = await runAgainst(() => json({ rules }), ['return-rule', '--list']);
  assert.equal(
    said.stdout,
    lines(
      'SCOPE                PREFERRED  COMES BACK',
      "everywhere           idc-a      by 'pollux return'",
      'group default/stock  idc-b      after 60.0 s of health',
    ),
  );
});

test('a line without a scope or a wish is not understood', async () => {
  for (const line of [[], ['--all'], ['--all', '--group', 'a', '--remove']])
    assert.equal((await runLine(['return-rule', ...line])).exit, 2, line.join(' '));
});
