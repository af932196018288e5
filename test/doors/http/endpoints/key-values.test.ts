import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { openDoor } from '../door-fixture.ts';

describe('/v1/key-values', () => {
  it('sets, shows, lists by prefix and removes', async () => {
    const { ask, refusal } = await openDoor();
    for (const key of ['b.two', 'a.one', 'b.one']) {
      await ask(ENDPOINTS.keyValueSet, '/v1/key-values', { body: { key, value: `value of ${key}` } });
    }
    assert.equal((await ask(ENDPOINTS.keyValueGet, '/v1/key-values/a.one')).value, 'value of a.one');
    const keys = async (query: string) =>
      (await ask(ENDPOINTS.keyValueList, `/v1/key-values${query}`)).keyValues.map(({ key }) => key);
    assert.deepEqual(await keys(''), ['a.one', 'b.one', 'b.two']);
    assert.deepEqual(await keys('?prefix=b.'), ['b.one', 'b.two']);
    assert.deepEqual(await keys('?limit=1'), ['a.one']);
    await ask(ENDPOINTS.keyValueRemove, '/v1/key-values/a.one', { method: 'DELETE' });
    await refusal('unknownKey', '/v1/key-values/a.one');
  });

  it('refuses a value that is too long', async () => {
    const { refusal } = await openDoor();
    const body = { key: 'a', value: 'x'.repeat(LIMITS.keyValueCharacters + 1) };
    assert.equal((await refusal('invalidRequest', '/v1/key-values', { body })).field, 'value');
  });
});
