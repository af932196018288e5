import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  registerBrokerRequest,
  registerBrokerResponse,
} from '../../../src/remoting/messages/register-broker.ts';
import { withZone, zoneOf } from '../../../src/remoting/messages/zone.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

/** As Java wrote them. */
const sample = fieldsIn({
  brokerId: '0',
  bodyCrc32: '123',
  clusterName: 'C',
  brokerAddr: '10.0.0.1:10911',
  enableActingMaster: 'false',
  haServerAddr: '10.0.0.1:10912',
  compressed: 'false',
  brokerName: 'broker-a',
});

describe('a registration', () => {
  it('is read and written as Java does', () => {
    const request = valueIn(registerBrokerRequest.decode(sample));
    assert.deepEqual(request, {
      brokerName: 'broker-a',
      brokerAddr: '10.0.0.1:10911',
      clusterName: 'C',
      haServerAddr: '10.0.0.1:10912',
      brokerId: 0,
      heartbeatTimeoutMillis: null,
      enableActingMaster: false,
      compressed: false,
      bodyCrc32: 123,
    });
    assert.deepEqual(registerBrokerRequest.encode(request), sample);
  });

  it('says that a broker is old by what it leaves out', () => {
    const fields = new Map(sample);
    fields.delete('enableActingMaster');
    assert.equal(valueIn(registerBrokerRequest.decode(fields)).enableActingMaster, null);
  });

  const refused: readonly (readonly [name: string, value: string | null, damage: string])[] = [
    ['brokerName', null, 'expected brokerName: a text of 1 to 255 characters, found none'],
    ['brokerName', '', 'expected brokerName: a text of 1 to 255 characters, found ""'],
    [
      'clusterName',
      'x'.repeat(256),
      `expected clusterName: a text of 1 to 255 characters, found "${'x'.repeat(119)}`,
    ],
    ['brokerAddr', 'here', 'expected brokerAddr: an address, host:port, found "here"'],
    ['haServerAddr', null, 'expected haServerAddr: an address, host:port, found none'],
    ['brokerId', '-1', 'expected brokerId: a whole number of at least 0, found "-1"'],
    ['brokerId', '1e3', 'expected brokerId: a whole number of at least 0, found "1e3"'],
    [
      'brokerId',
      '9007199254740993',
      'expected brokerId: a whole number of at least 0, found "9007199254740993"',
    ],
    ['bodyCrc32', '2147483648', 'expected bodyCrc32: a whole number of 32 bits, found "2147483648"'],
  ];
  for (const [field, value, damage] of refused) {
    it(`is refused with ${value === null ? 'no' : `${value.slice(0, 20)} for`} ${field}`, () => {
      const fields = new Map(sample);
      if (value === null) fields.delete(field);
      else fields.set(field, value);
      assert.equal(damageIn(registerBrokerRequest.decode(fields)), damage);
    });
  }

  it('is answered with the master, or with nothing', () => {
    const response = { haServerAddr: '10.0.0.1:10912', masterAddr: '10.0.0.1:10911' };
    assert.deepEqual(registerBrokerResponse.encode(response), fieldsIn(response));
    assert.deepEqual(valueIn(registerBrokerResponse.decode(new Map())), {
      haServerAddr: null,
      masterAddr: null,
    });
    assert.equal(registerBrokerResponse.encode({ haServerAddr: null, masterAddr: null }).size, 0);
  });
});

describe('a zone', () => {
  it('is named beside the fields of any request', () => {
    assert.deepEqual(zoneOf(sample), { name: null, isStrict: false });
    const zone = { name: 'idc-1', isStrict: true };
    assert.deepEqual(zoneOf(withZone(sample, zone)), zone);
    assert.deepEqual(valueIn(registerBrokerRequest.decode(withZone(sample, zone))).brokerId, 0);
    assert.deepEqual(withZone(sample, { name: null, isStrict: false }), sample);
    assert.deepEqual(zoneOf(fieldsIn({ __ZONE_NAME: ' ', __ZONE_MODE: 'TRUE' })), {
      name: null,
      isStrict: true,
    });
    assert.equal(zoneOf(fieldsIn({ __ZONE_NAME: 'x'.repeat(256) })).name, null);
  });
});
