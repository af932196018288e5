import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { openDoor } from '../open-door.ts';

describe('the key-value configuration', () => {
  it('is put, read, listed and taken away', async (t) => {
    const { client, bugs } = await openDoor(t);
    const one = await client();
    const ask = (code: number, fields: Record<string, string>) => one.ask(code, { fields });
    const at = { namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA' };
    assert.equal((await ask(REQUEST.putKvConfig, { ...at, value: 'broker-a:4' })).code, RESPONSE.success);
    assert.equal((await ask(REQUEST.getKvConfig, at)).fields.get('value'), 'broker-a:4');
    assert.deepEqual(bodyOf(await ask(REQUEST.getKvListByNamespace, at)), {
      table: { TopicA: 'broker-a:4' },
    });
    assert.equal((await ask(REQUEST.deleteKvConfig, at)).code, RESPONSE.success);
    const gone = await ask(REQUEST.getKvConfig, at);
    assert.deepEqual(
      [gone.code, gone.remark],
      [RESPONSE.queryNotFound, 'No config item, Namespace: ORDER_TOPIC_CONFIG Key: TopicA'],
    );
    assert.equal((await ask(REQUEST.getKvListByNamespace, at)).code, RESPONSE.queryNotFound);
    assert.equal((await ask(REQUEST.deleteKvConfig, at)).code, RESPONSE.success, 'twice is no error');
    assert.deepEqual(bugs, []);
  });

  it('takes nothing without a namespace or key, and nothing that is too long', async (t) => {
    const { client, node } = await openDoor(t);
    const one = await client();
    for (const fields of [{ namespace: 'n' }, { key: 'k' }, {}]) {
      const { code, remark } = await one.ask(REQUEST.putKvConfig, { fields });
      assert.deepEqual([code, remark], [RESPONSE.systemError, 'namespace or key is null']);
      assert.equal((await one.ask(REQUEST.deleteKvConfig, { fields })).code, RESPONSE.systemError);
    }
    const value = 'v'.repeat(LIMITS.keyValueCharacters + 1);
    const { code } = await one.ask(REQUEST.putKvConfig, { fields: { namespace: 'n', key: 'k', value } });
    assert.equal(code, RESPONSE.systemError);
    assert.equal(node.state().namespaces.size, 0);
  });
});
