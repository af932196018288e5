import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { openDoor } from '../door-fixture.ts';

const path = '/v1/automatic-stops';

describe('/v1/automatic-stops', () => {
  it('stops, shows and resumes for everything, an IDC and a group', async () => {
    const { ask } = await openDoor();
    const scopes = [{ kind: 'all' }, { kind: 'idc', site: 'idc-a' }, { kind: 'group', group: 'orders-b' }];
    for (const scope of scopes) await ask(ENDPOINTS.stopAdd, path, { body: { scope, reason: 'drill' } }, 201);
    const { stops } = await ask(ENDPOINTS.stopList, path, { token: false });
    assert.deepEqual(stops[2], {
      scope: { kind: 'group', cluster: 'default', group: 'orders-b' },
      by: 'token-1',
      reason: 'drill',
      sinceWallMs: 1_700_000_000_000,
      untilWallMs: null,
    });
    assert.ok((await ask(ENDPOINTS.groupGet, '/v1/groups/orders-a')).automaticStopped);
    for (const scope of scopes) await ask(ENDPOINTS.stopResume, `${path}/resume`, { body: { scope } });
    assert.deepEqual((await ask(ENDPOINTS.stopList, path)).stops, []);
  });

  it('ends a stop by itself where it is told so, and keeps who changed what', async () => {
    const { ask, refusal } = await openDoor();
    const scope = { kind: 'idc', site: 'idc-a' };
    await ask(ENDPOINTS.stopAdd, path, { body: { scope, reason: 'drill', forMs: 7_200_000 } }, 201);
    const { stops } = await ask(ENDPOINTS.stopList, path);
    assert.equal(stops[0]?.untilWallMs, 1_700_000_000_000 + 7_200_000);
    await ask(ENDPOINTS.stopResume, `${path}/resume`, { body: { scope } });
    const { changes } = await ask(ENDPOINTS.changeList, '/v1/changes');
    assert.deepEqual(
      changes.map(({ change, by }) => [change, by]),
      [
        ['automaticResumed', 'token-1'],
        ['automaticStopped', 'token-1'],
      ],
    );
    const tooLong = { body: { scope, reason: '', forMs: 1e12 } };
    assert.equal((await refusal('invalidRequest', path, tooLong)).field, 'forMs');
  });

  it('refuses scopes that do not exist', async () => {
    const { refusal, node } = await openDoor();
    const stop = (scope: unknown) => ({ body: { scope, reason: '' } });
    assert.match((await refusal('invalidRequest', path, stop({ kind: 'site' }))).field ?? '', /^scope/);
    assert.equal(
      (await refusal('invalidRequest', path, stop({ kind: 'all', site: 'idc-a' }))).field,
      'scope.site',
    );
    assert.match(
      (await refusal('unknownSite', path, stop({ kind: 'idc', site: 'idc-z' }))).field ?? '',
      /^scope/,
    );
    assert.match(
      (await refusal('unknownGroup', path, stop({ kind: 'group', group: 'none' }))).field ?? '',
      /^scope/,
    );
    assert.deepEqual(node.store.stops, []);
  });
});
