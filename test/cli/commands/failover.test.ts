/** `pollux failover`: followed by its record to the end, whichever end that is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json, refusal } from '../../sdk/fake-node.ts';
import { record } from '../fixtures.ts';
import { inTurn, lines, runAgainst } from '../run-against.ts';

const line = ['failover', 'orders-a'];
const started = { kind: 'moveStarted', recordId: 'move-1', epoch: 4 } as const;
const accepted = json(started, 202);
const running = json({
  ...record,
  outcome: 'running',
  to: null,
  steps: record.steps.slice(0, 1),
  candidates: [],
});

describe('pollux failover', () => {
  it('follows the move and prints its record', async () => {
    const said = await runAgainst(inTurn(accepted, running, running, json(record)), line);
    assert.equal(said.exit, 0, said.stderr);
    assert.equal(said.stderr, lines('fencing: epoch 4', 'active: orders-a-2'));
    assert.equal(
      said.stdout,
      lines(
        'record:   move-1',
        'group:    default/orders-a',
        'reason:   operatorFailover',
        'epoch:    4',
        'move:     orders-a-1 -> orders-a-2',
        'by:       operator',
        'outcome:  completed',
        'loss:     0 bytes predicted, not measured',
        '',
        'EVIDENCE',
        'NODE    SITE   VERDICT  AT                        WHAT IT SAW',
        'node-a  idc-a  dead     2030-01-02 03:04:05.000Z  refused 3 probes',
        '',
        'STEPS',
        'AT                        SINCE START  STEP     DETAIL',
        '2030-01-02 03:04:05.000Z  +0 ms        fencing  epoch 4',
        '2030-01-02 03:04:05.042Z  +42 ms       active   orders-a-2',
        '',
        'CANDIDATES',
        'REPLICA     SITE   EPOCH  OFFSET  CHOSEN  WHY',
        'orders-a-2  idc-b  3      4096    yes     highest offset',
      ),
    );
  });

  it('sends where to, and what the operator accepts', async () => {
    const said = await runAgainst(
      () => accepted,
      [...line, '--to', 'orders-a-2', '--unsafe', '--reason', 'the rack is gone', '--no-wait'],
    );
    assert.equal(said.exit, 0, said.stderr);
    assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
      to: 'orders-a-2',
      unsafe: true,
      reason: 'the rack is gone',
    });
    assert.match(said.stdout, /pollux history show move-1/);
  });

  it('ends with 1 when the old master was reinstated', async () => {
    const reinstated = json({ ...record, outcome: 'reinstated', to: null });
    const said = await runAgainst(inTurn(accepted, reinstated), [...line, '--json']);
    assert.equal(said.exit, 1);
    assert.equal(JSON.parse(said.stdout).error.code, 'reinstated');
    assert.equal(JSON.parse(said.stdout).record.id, 'move-1');
  });

  it('ends with 4 when the end is not seen in time', async () => {
    const said = await runAgainst(inTurn(accepted, running), [...line, '--wait-seconds', '1']);
    assert.equal(said.exit, 4);
    assert.match(said.stderr, /still running after 1 s; it goes on by itself/);
    const unseen = await runAgainst(inTurn(accepted, refusal('unknownRecord', 404)), [
      ...[...line, '--wait-seconds', '1'],
    ]);
    assert.equal(unseen.exit, 4);
    assert.match(unseen.stderr, /no node showed the move move-1 within 1 s: unknownRecord/);
  });

  it('ends with 1 where a loss cannot be ruled out, and names the way on', async () => {
    const said = await runAgainst(() => refusal('unprovable', 409), line);
    assert.equal(said.exit, 1);
    assert.match(said.stderr, /bring a missing replica back, or run the command that the message ends with/);
  });
});
