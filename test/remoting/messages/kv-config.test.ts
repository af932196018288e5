import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeKvTable,
  encodeKvTable,
  getKvConfigResponse,
  kvConfigKeyRequest,
  kvListRequest,
  putKvConfigRequest,
} from '../../../src/remoting/messages/kv-config.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

describe('the configuration by namespace and key', () => {
  it('is asked for and changed by its fields', () => {
    const put = fieldsIn({ namespace: 'N', key: 'K', value: '' });
    assert.deepEqual(valueIn(putKvConfigRequest.decode(put)), { namespace: 'N', key: 'K', value: '' });
    assert.deepEqual(putKvConfigRequest.encode({ namespace: 'N', key: 'K', value: '' }), put);
    assert.equal(
      damageIn(kvConfigKeyRequest.decode(fieldsIn({ key: 'K' }))),
      'expected namespace: a text of 1 to 255 characters, found none',
    );
    assert.deepEqual(valueIn(kvListRequest.decode(put)), { namespace: 'N' });
    assert.deepEqual(getKvConfigResponse.encode({ value: 'V' }), fieldsIn({ value: 'V' }));
  });

  it('is a table, written as Java writes it', () => {
    const table = new Map([
      ['TopicA', 'broker-a:4;broker-b:4'],
      ['7', 'x'],
    ]);
    const body = encodeKvTable({ table: new Map([['TopicA', 'broker-a:4;broker-b:4']]) });
    assert.equal(body.toString(), '{"table":{"TopicA":"broker-a:4;broker-b:4"}}');
    assert.deepEqual(valueIn(decodeKvTable(encodeKvTable({ table }))), { table });
    assert.equal(
      damageIn(decodeKvTable(Buffer.from('{"table":{"a":1}}'))),
      'expected table.a: a text, found 1',
    );
  });
});
