import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { openDoor } from '../door-fixture.ts';
import { addActiveGroup } from '../fake-node.ts';

describe('GET /v1/history', () => {
  it('lists records newest first, of all groups or of one, up to a limit', async () => {
    const { ask, node } = await openDoor();
    addActiveGroup(node, 'orders-c', ['idc-a'], 7_301);
    const ids = async (query: string) =>
      (await ask(ENDPOINTS.historyList, `/v1/history${query}`)).records.map(({ id }) => id);
    assert.deepEqual(await ids(''), ['orders-c-adoption', 'orders-b-adoption', 'orders-a-adoption']);
    assert.deepEqual(await ids('?limit=1'), ['orders-c-adoption']);
    assert.deepEqual(await ids('?group=orders-b'), ['orders-b-adoption']);
  });

  it('refuses a group that nobody ever declared', async () => {
    const { refusal } = await openDoor();
    assert.equal((await refusal('unknownGroup', '/v1/history?group=none')).field, 'group');
  });

  it('shows one record with its steps', async () => {
    const { ask, refusal } = await openDoor();
    const record = await ask(ENDPOINTS.historyGet, '/v1/history/orders-a-adoption');
    assert.equal(record.group, 'orders-a');
    assert.equal(record.cluster, 'default');
    assert.equal(record.outcome, 'completed');
    assert.ok(record.steps.length >= 3);
    await refusal('unknownRecord', '/v1/history/none');
  });
});
