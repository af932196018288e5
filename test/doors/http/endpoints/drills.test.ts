import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { replicaId, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { accepted } from '../../../../src/core/primitives/refusal.ts';
import { openDoor } from '../door-fixture.ts';
import { keyOf } from '../fake-node.ts';

const path = '/v1/drills';
const evacuation = { kind: 'evacuation', idc: 'idc-a' };

describe('/v1/drills', () => {
  it('begins an evacuation, shows it in the list, on its page and in the status, and aborts it', async () => {
    const { ask } = await openDoor();
    const begun = await ask(ENDPOINTS.drillBegin, path, { body: { ...evacuation, parallel: 2 } }, 202);
    assert.ok(begun.kind === 'drillStarted');
    const { drills } = await ask(ENDPOINTS.drillList, path, { token: false });
    assert.deepEqual(
      drills.map(({ id, kind, idc, by, parallel, outcome, counts }) => [
        ...[id, kind, idc, by, parallel, outcome, counts.waiting],
      ]),
      [[begun.drillId, 'evacuation', 'idc-a', 'token-1', 2, 'running', 1]],
    );
    const page = await ask(ENDPOINTS.drillGet, `${path}/${begun.drillId}`);
    assert.deepEqual(
      page.moves.map(({ cluster, group, state, from }) => [cluster, group, state, from]),
      [['default', 'orders-a', 'waiting', 'orders-a-1']],
    );
    const status = await ask(ENDPOINTS.status, '/v1/status');
    assert.deepEqual(status.idcs, [
      { name: 'idc-a', state: 'draining', masters: 1 },
      { name: 'idc-b', state: 'active', masters: 1 },
    ]);
    assert.equal(status.drill?.id, begun.drillId);
    await ask(ENDPOINTS.drillAbort, `${path}/abort`, { body: { idc: 'idc-a' } });
    const ended = await ask(ENDPOINTS.drillGet, `${path}/${begun.drillId}`);
    assert.deepEqual(
      [ended.outcome, ended.abortedBy, ended.moves[0]?.state],
      ['aborted', 'token-1', 'notBegun'],
    );
  });

  it('answers a preview with 200 and changes nothing', async () => {
    const { ask, node } = await openDoor();
    const outlook = { state: 'met', waitCount: 1, detail: 'met' } as const;
    node.answer = () =>
      accepted({
        kind: 'drillPlan',
        rows: [
          {
            group: keyOf('orders-a'),
            from: { replica: replicaId('orders-a-1'), site: siteName('idc-a') },
            move: {
              to: { replica: replicaId('orders-a-3'), site: siteName('idc-b') },
              lagBytes: 2n ** 60n,
              why: 'so',
              after: outlook,
              withoutOldIdc: null,
            },
            problem: null,
            waitsFor: null,
          },
        ],
        leftOff: 0,
      });
    const plan = await ask(ENDPOINTS.drillBegin, path, { body: { ...evacuation, plan: true } });
    assert.ok(plan.kind === 'drillPlan');
    assert.equal(plan.rows[0]?.move?.lagBytes, '1152921504606846976');
    assert.deepEqual(node.submitted, [{ type: 'drillPlan', kind: 'evacuation', idc: 'idc-a', groups: null }]);
    assert.equal(node.store.drills.length, 0);
  });

  it('refuses what cannot begin, and what is not there', async () => {
    const { refusal } = await openDoor();
    await refusal('unknownSite', path, { body: { ...evacuation, idc: 'witness' } });
    await refusal('invalidRequest', path, { body: { ...evacuation, parallel: 0 } });
    await refusal('notRunning', `${path}/abort`, { body: { idc: 'idc-a' } });
    await refusal('unknownRecord', `${path}/none`);
    await refusal('unauthorized', path, { body: evacuation, token: false });
  });
});

describe('/v1/return-rules', () => {
  const rules = '/v1/return-rules';

  it('sets, shows and removes the rule of the tier and of a group', async () => {
    const { ask } = await openDoor();
    const own = { kind: 'group', group: 'orders-a' };
    await ask(ENDPOINTS.returnRuleSet, rules, { body: { scope: { kind: 'all' }, preferredIdc: 'idc-b' } });
    await ask(ENDPOINTS.returnRuleSet, rules, {
      body: { scope: own, preferredIdc: 'idc-a', returnAfterMs: 60_000 },
    });
    const shown = (await ask(ENDPOINTS.returnRuleList, rules, { token: false })).rules;
    assert.deepEqual(shown, [
      { scope: { kind: 'all' }, preferredIdc: 'idc-b', returnAfterMs: null },
      {
        scope: { kind: 'group', cluster: 'default', group: 'orders-a' },
        preferredIdc: 'idc-a',
        returnAfterMs: 60_000,
      },
    ]);
    await ask(ENDPOINTS.returnRuleRemove, `${rules}/remove`, { body: { scope: own } });
    assert.equal((await ask(ENDPOINTS.returnRuleList, rules)).rules.length, 1);
  });

  it('names what is wrong by the field of the request', async () => {
    const { refusal } = await openDoor();
    const unknown = { scope: { kind: 'group', group: 'none' }, preferredIdc: 'idc-a' };
    assert.equal((await refusal('unknownGroup', rules, { body: unknown })).field, 'scope.group');
    const witness = { scope: { kind: 'all' }, preferredIdc: 'witness' };
    assert.equal((await refusal('unknownSite', rules, { body: witness })).field, 'preferredIdc');
  });
});
