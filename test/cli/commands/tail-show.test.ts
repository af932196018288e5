import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json, refusal } from '../../sdk/fake-node.ts';
import { runAgainst } from '../run-against.ts';

const tail = {
  epoch: 4,
  recordId: 'r4',
  replica: 'orders-a-1',
  node: 'pollux-b',
  file: 'tails/default-orders-a-4-orders-a-1.resp',
  sha256: 'ab',
  lineage: 'l1',
  cut: '100',
  offset: '160',
  bytes: 60,
  complete: true,
  writes: 1,
  perhapsExpiries: 0,
  others: 1,
};

const answerWith =
  (shown: unknown, tails: readonly unknown[] = [tail]) =>
  () =>
    json({ tails, shown });

describe('pollux tail show', () => {
  it('prints the commands where the node has the file', async () => {
    const commands = [
      ['SELECT', '0'],
      ['SET', 'a key', 'v"'],
    ];
    const shown = { epoch: 4, here: true, gone: false, keeperUrl: 'http://b', commands, commandsLeft: 3 };
    const { stdout, exit, requests } = await runAgainst(answerWith(shown), [
      'tail',
      'show',
      'orders-a',
      '--epoch',
      '4',
    ]);
    assert.equal(exit, 0);
    assert.match(stdout, /"SET" "a key" "v\\""/);
    assert.match(stdout, /and 3 more/);
    assert.equal(requests[0]?.url.searchParams.get('epoch'), '4');
  });

  it('names the node to ask where another one has it, and says so where none is kept', async () => {
    const elsewhere = {
      ...{ epoch: 4, here: false, gone: false, keeperUrl: 'http://b' },
      ...{ commands: [], commandsLeft: 0 },
    };
    const asked = await runAgainst(answerWith(elsewhere), ['tail', 'show', 'orders-a']);
    assert.match(
      asked.stdout,
      /on pollux-b; ask there: pollux tail show orders-a --epoch 4 --node http:\/\/b/,
    );
    const other = await runAgainst(answerWith(elsewhere), [
      ...['--cluster', 'east', 'tail', 'show', 'orders-a'],
    ]);
    assert.match(other.stdout, /tail show orders-a --cluster east --epoch 4/);
    const gone = await runAgainst(answerWith({ ...elsewhere, gone: true }), ['tail', 'show', 'orders-a']);
    assert.match(gone.stdout, /pollux-b kept the file and has it no more/);
    assert.doesNotMatch(gone.stdout, /ask there/);
    const refused = await runAgainst(() => refusal('unknownRecord', 404), ['tail', 'show', 'orders-a']);
    assert.doesNotMatch(refused.stderr, /history list/);
    const none = await runAgainst(answerWith(null, []), ['tail', 'show', 'orders-a']);
    assert.match(none.stdout, /no tail of an old master of orders-a is kept/);
  });
});
