/** `pollux stop-automatic`: what each form asks of the tier. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { runAgainst } from '../run-against.ts';

const committed = () => json({ kind: 'committed', index: 1 });
const forms = [
  {
    line: ['--all', '--reason', 'storm'],
    path: '/v1/automatic-stops',
    body: { scope: { kind: 'all' }, reason: 'storm' },
    said: 'automatic action is stopped everywhere; the same with --resume lifts that\n',
  },
  {
    line: ['--idc', 'idc-a'],
    path: '/v1/automatic-stops',
    body: { scope: { kind: 'idc', site: 'idc-a' } },
    said: 'automatic action is stopped for the IDC idc-a; the same with --resume lifts that\n',
  },
  {
    line: ['--group', 'orders-a', '--resume'],
    path: '/v1/automatic-stops/resume',
    body: { scope: { kind: 'group', group: 'orders-a' } },
    said: 'the stop of automatic action for the group default/orders-a is lifted\n',
  },
] as const;

describe('pollux stop-automatic', () => {
  for (const { line, path, body, said } of forms) {
    it(line.join(' '), async () => {
      const ended = await runAgainst(committed, ['stop-automatic', ...line]);
      assert.equal(ended.exit, 0, ended.stderr);
      assert.equal(ended.requests[0]?.url.pathname, path);
      assert.deepEqual(JSON.parse(ended.requests[0]?.body ?? ''), body);
      assert.equal(ended.stdout, said);
    });
  }

  it('--list changes nothing', async () => {
    const ended = await runAgainst(() => json({ stops: [] }), ['stop-automatic', '--list']);
    assert.equal(ended.requests[0]?.method, 'GET');
    assert.equal(ended.stdout, 'automatic action is stopped nowhere\n');
  });
});
