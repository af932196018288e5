import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { damageText } from '../../../src/remoting/damage.ts';
import { REMOTING_LIMITS } from '../../../src/remoting/limits.ts';
import { bodyChecksum, isBodyIntact } from '../../../src/remoting/messages/register-broker.ts';
import {
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
} from '../../../src/remoting/messages/register-broker-body.ts';
import type { RegisterBrokerBody } from '../../../src/remoting/messages/registered-topics.ts';
import type { TopicConfig } from '../../../src/remoting/messages/topic-config.ts';
import { OUR_VERSION, VERSION } from '../../../src/remoting/versions.ts';

const decode = (body: Buffer, version: number = OUR_VERSION) => decodeRegisterBrokerBody(body, version);

function registered(body: Buffer | string, version: number = OUR_VERSION): RegisterBrokerBody {
  const result = decode(Buffer.from(body), version);
  assert.ok(result.kind === 'read', result.kind === 'damaged' ? damageText(result.damage) : '');
  return result.value;
}

function damageOf(body: Buffer): string {
  const result = decode(body);
  return result.kind === 'damaged' ? damageText(result.damage) : 'none';
}

const topicA: TopicConfig = {
  topicName: 'TopicA',
  readQueueNums: 4,
  writeQueueNums: 8,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: false,
  attributes: new Map(),
};
const dataVersion = { stateVersion: 2, timestamp: 1_795_373_267_395, counter: 3 };

const withLength = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const count = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const DATA_VERSION = '{"counter":3,"stateVersion":2,"timestamp":1795373267395}';

const counts = fc.nat(1_000);
const topicName = fc.stringMatching(/^[A-Za-z0-9%|_-]{1,40}$/).filter((name) => name !== '__proto__');
const texts = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
  .filter((text) => text !== '__proto__' && text !== '$ref');
const topic = fc.record(
  {
    topicName,
    readQueueNums: counts,
    writeQueueNums: counts,
    perm: fc.nat(15),
    topicFilterType: fc.constantFrom('SINGLE_TAG' as const, 'MULTI_TAG' as const),
    topicSysFlag: fc.nat(3),
    order: fc.boolean(),
    attributes: fc.array(fc.tuple(texts, texts), { maxLength: 3 }).map((entries) => new Map(entries)),
  },
  { noNullPrototype: true },
);
const anyBody: fc.Arbitrary<RegisterBrokerBody> = fc.record(
  {
    dataVersion: fc.record(
      { stateVersion: counts, timestamp: fc.nat(Number.MAX_SAFE_INTEGER), counter: counts },
      { noNullPrototype: true },
    ),
    topicConfigTable: fc
      .uniqueArray(topic, { selector: ({ topicName: key }) => key, maxLength: 6 })
      .map((topics) => new Map(topics.map((config) => [config.topicName, config]))),
    topicQueueMappingInfoMap: topicName.map(
      (key) =>
        new Map([
          [
            key,
            {
              topic: key,
              scope: '__global__',
              totalQueues: 8,
              bname: 'broker-a',
              epoch: 5,
              dirty: false,
              currIdMap: new Map([
                [0, 4],
                [11, 5],
              ]),
            },
          ],
        ]),
    ),
    filterServerList: fc.array(texts, { maxLength: 2 }),
  },
  { noNullPrototype: true },
);

describe('the body of a registration', () => {
  it('is read as Java writes it, with a mapping whose keys have no quotes', () => {
    const body = registered(
      `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":${DATA_VERSION},"mappingDataVersion":${DATA_VERSION},` +
        '"topicConfigTable":{"TopicA":{"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"TopicA","topicSysFlag":0,"writeQueueNums":8}},' +
        '"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{"S":{"bname":"broker-a","currIdMap":{0:3,1:4},"dirty":false,"epoch":0,"scope":"__global__","topic":"S","totalQueues":2}}}}',
    );
    assert.deepEqual(body, {
      dataVersion,
      topicConfigTable: new Map([['TopicA', topicA]]),
      topicQueueMappingInfoMap: new Map([
        [
          'S',
          {
            topic: 'S',
            scope: '__global__',
            totalQueues: 2,
            bname: 'broker-a',
            epoch: 0,
            dirty: false,
            currIdMap: new Map([
              [0, 3],
              [1, 4],
            ]),
          },
        ],
      ]),
      filterServerList: [],
    });
  });

  it('has what Java takes for it where something is absent', () => {
    const nothing = registered('');
    assert.deepEqual(nothing.dataVersion, { stateVersion: 0, timestamp: 0, counter: 0 });
    assert.equal(nothing.topicConfigTable.size, 0);
    assert.deepEqual(registered('{}'), nothing);
    assert.deepEqual(
      registered('{"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"timestamp":2}}}').dataVersion,
      {
        stateVersion: 0,
        timestamp: 2,
        counter: 1,
      },
    );
    const bare = registered(
      '{"topicConfigSerializeWrapper":{"topicConfigTable":{"T":{"topicFilterType":"NEW"}}}}',
    );
    assert.deepEqual(bare.topicConfigTable.get('T'), {
      ...topicA,
      topicName: 'T',
      readQueueNums: 16,
      writeQueueNums: 16,
    });
  });

  it('shares attributes that are written once', () => {
    const text =
      '{"topicConfigSerializeWrapper":{"topicConfigTable":{"A":{"attributes":{"+k":"v"}},"B":{"attributes":{"$ref":"$.topicConfigSerializeWrapper.topicConfigTable.A.attributes"}}}}}';
    assert.deepEqual(registered(text).topicConfigTable.get('B')?.attributes, new Map([['+k', 'v']]));
  });

  it('is only the topics before 3.0.11', () => {
    const text = '{"dataVersion":{"counter":1,"timestamp":2},"topicConfigTable":{"T":{}}}';
    assert.deepEqual([...registered(text, VERSION.v3_0_11 - 1).topicConfigTable.keys()], ['T']);
    assert.deepEqual([...registered(text, VERSION.v3_0_11).topicConfigTable.keys()], []);
  });

  it('is read compressed, as releases 4 and 5 write it, whatever the header says', () => {
    const four = [
      withLength(DATA_VERSION),
      count(1),
      withLength('TopicA 4 8 6 SINGLE_TAG'),
      withLength('[]'),
    ];
    const expected = {
      dataVersion,
      topicConfigTable: new Map([['TopicA', topicA]]),
      topicQueueMappingInfoMap: new Map(),
      filterServerList: [],
    };
    assert.deepEqual(registered(deflateSync(Buffer.concat(four))), expected);
    const five = [
      withLength(DATA_VERSION),
      count(2),
      withLength('TopicA 4 8 6 SINGLE_TAG {}'),
      withLength('TopicB 4 8 4 MULTI_TAG {"+k":"a b"}'),
      withLength('[]'),
      count(0),
    ];
    const { topicConfigTable } = registered(deflateSync(Buffer.concat(five), { level: 9 }));
    assert.deepEqual(topicConfigTable.get('TopicB'), {
      ...topicA,
      topicName: 'TopicB',
      perm: 4,
      topicFilterType: 'MULTI_TAG',
      attributes: new Map([['+k', 'a b']]),
    });
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        assert.deepEqual(registered(encodeRegisterBrokerBody(body, false)), body);
      }),
      { seed: 20_261_126 },
    );
  });

  it('comes back from the compressed form without the flags and the order of topics', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const kept = [...body.topicConfigTable].map(
          ([key, config]) => [key, { ...config, topicSysFlag: 0, order: false }] as const,
        );
        assert.deepEqual(registered(encodeRegisterBrokerBody(body, true)), {
          ...body,
          topicConfigTable: new Map(kept),
        });
      }),
      { seed: 20_261_126 },
    );
  });

  it('is refused where it would become more than a registration is', () => {
    const bomb = deflateSync(Buffer.alloc(REMOTING_LIMITS.inflatedBytes + 1));
    assert.ok(bomb.length < 20_000);
    assert.match(
      damageOf(bomb),
      /^expected a zlib stream of at most 16777216 bytes, found Cannot create a Buffer/,
    );
  });

  const whole = Buffer.concat([
    withLength(DATA_VERSION),
    count(1),
    withLength('TopicA 4 8 6 SINGLE_TAG'),
    withLength('[]'),
    count(1),
    withLength('{"topic":"S","bname":"b"}'),
  ]);
  it('is refused compressed wherever it is cut, but for the place where release 4 ends', () => {
    const endOfFour = whole.length - 4 - 4 - 25;
    for (let end = 0; end <= whole.length; end += 1) {
      const isWhole = end === whole.length || end === endOfFour;
      assert.equal(damageOf(deflateSync(whole.subarray(0, end))) === 'none', isWhole, `cut at ${end}`);
    }
    const stream = deflateSync(whole);
    for (let end = 1; end < stream.length; end += 1) {
      assert.notEqual(damageOf(stream.subarray(0, end)), 'none', `stream cut at ${end}`);
    }
  });

  const refused: readonly (readonly [what: string, parts: readonly Buffer[], damage: string])[] = [
    ['a negative number of topics', [withLength('{}'), count(-1)], 'expected a number of topics, found -1'],
    [
      'more topics than bytes',
      [withLength('{}'), count(2 ** 31 - 1)],
      'expected a number of topics, found 2147483647',
    ],
    [
      'a topic of negative length',
      [withLength('{}'), count(1), count(-5), count(0)],
      'expected a topic of at most 4 bytes, found -5',
    ],
    [
      'a topic without queues',
      [withLength('{}'), count(1), withLength('TopicA')],
      'expected a topic, its queues, permissions and filter type, found TopicA',
    ],
    ['a version that is none', [withLength('[]')], 'expected a data version, found a list of 0'],
  ];
  for (const [what, parts, damage] of refused) {
    it(`is refused compressed with ${what}`, () => {
      assert.equal(damageOf(deflateSync(Buffer.concat(parts))), damage);
    });
  }

  it('is refused with a field that makes no sense, by its path', () => {
    const text = '{"topicConfigSerializeWrapper":{"topicConfigTable":{"T":{"perm":"x"}}}}';
    assert.equal(
      damageOf(Buffer.from(text)),
      'expected topicConfigSerializeWrapper.topicConfigTable.T.perm: a whole number of 32 bits from 0, found "x"',
    );
  });

  it('has a checksum without its sign bit, of which 0 and none check nothing', () => {
    const body = Buffer.from('123456789');
    assert.equal(crc32(body), 0xcbf43926);
    assert.equal(bodyChecksum({ body }), 0x4bf43926);
    assert.ok(isBodyIntact({ body }, 0x4bf43926));
    assert.ok(!isBodyIntact({ body }, 0x4bf43927));
    assert.ok(isBodyIntact({ body }, 0));
    assert.ok(isBodyIntact({ body }, null));
  });
});
