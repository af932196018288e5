import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { decodeRegisterBrokerBody } from '../../../src/remoting/messages/register-broker-body.ts';
import { registeredVersion } from '../../../src/remoting/messages/registered-version.ts';
import { OUR_VERSION } from '../../../src/remoting/versions.ts';
import { registrationBody } from '../../support/broker-caller.ts';

const topics = Array.from({ length: 500 }, (_, nth) => `topic-of-some-length-${nth}`);
const expected = { stateVersion: 7, timestamp: 1_000, counter: 3 };
const of = (text: string) => registeredVersion(Buffer.from(text));

describe('the version of a registration', () => {
  for (const compress of [false, true]) {
    it(`is found without the rest of a body that is ${compress ? '' : 'not '}compressed`, () => {
      const body = registrationBody({ stateVersion: 7, counter: 3, topics, compress });
      assert.ok(body.length > 1_024);
      assert.deepEqual(registeredVersion(body), expected);
      assert.deepEqual(registeredVersion(body.subarray(0, 600)), expected);
      const whole = decodeRegisterBrokerBody(body, OUR_VERSION);
      assert.deepEqual(whole.kind === 'read' && whole.value.dataVersion, expected);
    });
  }

  it('is found in whatever order it is written, and as release 4 writes it', () => {
    const version = '"dataVersion":{"timestamp":1000,"counter":3,"stateVersion":7}';
    assert.deepEqual(of(`{"topicConfigSerializeWrapper":{"topicConfigTable":{},${version}}}`), expected);
    assert.deepEqual(of('{"dataVersion":{"counter":3,"timestamp":1000}}'), { ...expected, stateVersion: 0 });
  });

  it('is not that of the mappings, and not what a topic of that name has', () => {
    const mappings = '"mappingDataVersion":{"counter":9,"stateVersion":9,"timestamp":9}';
    assert.equal(of(`{"topicConfigSerializeWrapper":{${mappings}}}`), null);
    assert.equal(of('{"topicConfigTable":{"dataVersion":{"perm":6,"topicName":"dataVersion"}}}'), null);
    assert.equal(of('{"topicConfigTable":{"dataVersion":{}}}'), null);
    assert.equal(of('{"note":"\\"dataVersion\\":{\\"counter\\":1,\\"timestamp\\":2}"}'), null);
  });

  const untold: readonly (readonly [what: string, body: Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['a version that is cut', Buffer.from('{"dataVersion":{"counter":3,"timest')],
    ['numbers that are no numbers', Buffer.from('{"dataVersion":{"counter":"3","timestamp":1000}}')],
    [
      'a number beyond those that are kept',
      Buffer.from('{"dataVersion":{"counter":9999999999999999,"timestamp":1}}'),
    ],
    ['something between the marks', Buffer.from('{"dataVersion": {"counter":3,"timestamp":1000}}')],
    ['a stream that is none', Buffer.from('x is the first letter of a zlib stream')],
    [
      'a stream of something else',
      deflateSync(Buffer.from('{"dataVersion":{"counter":3,"timestamp":1000}}')),
    ],
    ['a stream that ends in the version', deflateSync(registrationLength(60))],
    ['a stream of a negative length', deflateSync(registrationLength(-1))],
  ];
  for (const [what, body] of untold)
    it(`is not told by ${what}`, () => {
      assert.equal(registeredVersion(body), null);
    });

  it('is not looked for in more than a stream may become', () => {
    const bomb = deflateSync(Buffer.concat([registrationLength(20), Buffer.alloc(64 * 1024 * 1024)]), {
      level: 9,
    });
    assert.equal(registeredVersion(bomb), null);
  });
});

function registrationLength(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}
