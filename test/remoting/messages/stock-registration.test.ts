import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeRegisterBrokerBody } from '../../../src/remoting/messages/register-broker-body.ts';
import { readStockRegistration } from '../../../src/remoting/messages/stock-registration.ts';
import { OUR_VERSION } from '../../../src/remoting/versions.ts';

const SEED = 20_261_126;
const VERSION = '"dataVersion":{"counter":3,"stateVersion":2,"timestamp":1795373267395}';

const topicText = (name: string, queues = 8, attributes = '"attributes":{},'): string =>
  `"${name}":{${attributes}"order":false,"perm":6,"readQueueNums":${queues},"topicFilterType":"SINGLE_TAG",` +
  `"topicName":"${name}","topicSysFlag":0,"writeQueueNums":${queues}}`;

const bodyText = (
  topics: string,
  behind = ',"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}',
): string =>
  `{"filterServerList":[],"topicConfigSerializeWrapper":{${VERSION},"mappingDataVersion":{"counter":0,"stateVersion":0,` +
  `"timestamp":17},"topicConfigTable":{${topics}}${behind}}}`;

const decode = (body: Buffer) => decodeRegisterBrokerBody(body, OUR_VERSION);
/** A space in front means nothing in JSON, and no stock broker writes one. */
const asAnyJson = (body: Buffer) => decode(Buffer.concat([Buffer.from(' '), body]));

/** Whatever a body says, both ways of reading it say the same; only places in what is damaged are told for the whole. */
function assertReadAlike(body: Buffer): void {
  const [stock, any] = [decode(body), asAnyJson(body)];
  assert.equal(stock.kind, any.kind, body.toString());
  if (stock.kind === 'read') assert.deepEqual(stock, any, body.toString());
}

const isStock = (text: string): boolean => readStockRegistration(Buffer.from(text)) !== null;

describe('a registration as stock brokers write it', () => {
  it('is read to the same as any JSON, of releases 4 and 5', () => {
    const mapping =
      ',"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{"S":{"bname":"b","currIdMap":{0:3,1:4},"dirty":false,"epoch":0,"scope":"__global__","topic":"S","totalQueues":2}}';
    const texts = [
      bodyText(''),
      bodyText(topicText('TopicA')),
      bodyText(`${topicText('TopicA')},${topicText('%RETRY%\u4e2d', 1)},${topicText('\u4e2d\u6587', 4)}`),
      bodyText(topicText('TopicA'), mapping),
      bodyText(topicText('A', 8, '"attributes":{"+message.type":"NORMAL","\u4e2d":""},')),
      `{"filterServerList":["10.0.0.1:1"],"topicConfigSerializeWrapper":{${VERSION},"topicConfigTable":{${topicText('TopicA', 4, '')}}}}`,
    ];
    for (const text of texts) {
      assert.ok(isStock(text), text);
      assertReadAlike(Buffer.from(text));
    }
    const read = decode(Buffer.from(texts[2] ?? ''));
    assert.ok(read.kind === 'read');
    assert.deepEqual([...read.value.topicConfigTable.keys()], ['TopicA', '%RETRY%\u4e2d', '\u4e2d\u6587']);
    assert.equal(read.value.topicConfigTable.get('\u4e2d\u6587')?.writeQueueNums, 4);
  });

  it('takes the last of two topics of one name, as JSON does', () => {
    const text = bodyText(`${topicText('A', 1)},${topicText('B', 2)},${topicText('A', 3)}`);
    assert.ok(isStock(text));
    assertReadAlike(Buffer.from(text));
  });

  const others: readonly (readonly [what: string, text: string])[] = [
    ['a reference for attributes', bodyText(topicText('A', 8, '"attributes":{"$ref":"$.x"},'))],
    ['attributes that are no texts', bodyText(topicText('A', 8, '"attributes":{"a":1},'))],
    [
      'the name of a prototype for an attribute',
      bodyText(topicText('A', 8, '"attributes":{"__proto__":"b"},')),
    ],
    ['a filter type of another time', bodyText(topicText('A').replace('SINGLE_TAG', 'NEW'))],
    ['a name with a backslash', bodyText(topicText('A\\u0041'))],
    ['a name without letters', bodyText(topicText(''))],
    ['a name that is too long', bodyText(topicText('n'.repeat(256)))],
    ['a number that is too long', bodyText(topicText('A', 12_345_678_901))],
    ['a negative number', bodyText(topicText('A', -1))],
    ['a number with a fraction', bodyText(topicText('A', 1.5))],
    ['the name of a prototype', bodyText(topicText('__proto__'))],
    ['members in another order', bodyText('"A":{"perm":6,"order":false}')],
    ['a space', bodyText(` ${topicText('A')}`)],
    ['a comma at the end', bodyText(`${topicText('A')},`)],
    [
      'a reference to a topic',
      bodyText(
        topicText('A'),
        ',"topicQueueMappingInfoMap":{"S":{"$ref":"$.topicConfigSerializeWrapper.topicConfigTable.A"}}',
      ),
    ],
    ['a second table', bodyText(topicText('A'), ',"topicConfigTable":{}')],
    ['a second table by another name', bodyText(topicText('A'), ',"topicConfig\\u0054able":{}')],
    ['a second wrapper', `${bodyText(topicText('A')).slice(0, -1)},"topicConfigSerializeWrapper":null}`],
    ['no end', bodyText(topicText('A')).slice(0, -20)],
    ['no wrapper', `{${VERSION},"topicConfigTable":{${topicText('A')}}}`],
  ];
  for (const [what, text] of others)
    it(`is left to the other way with ${what}`, () => {
      assert.ok(!isStock(text) || what === 'no end');
      assertReadAlike(Buffer.from(text));
    });

  it('is left to the other way where it is no UTF-8', () => {
    const body = Buffer.from(bodyText(topicText('A?')));
    body[body.indexOf('?')] = 0xff;
    assert.equal(readStockRegistration(body), null);
    assertReadAlike(body);
  });

  it('is read to the same, or not at all, whatever byte of it is another one', () => {
    const text = bodyText(
      `${topicText('TopicA')},${topicText('TopicB', 2, '"attributes":{"a":"b","c":"d"},')}`,
      ',"topicQueueMappingInfoMap":{}',
    );
    const interesting = [...Buffer.from('"\\{}[],:0129 -.$_etA'), 0x00, 0x7f, 0xc3, 0xa9];
    let stillStock = 0;
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...interesting), (at, byte) => {
        const body = Buffer.from(text);
        body[at] = byte;
        if (readStockRegistration(body) !== null) stillStock += 1;
        assertReadAlike(body);
      }),
      { seed: SEED, numRuns: 3_000 },
    );
    assert.ok(stillStock > 100, `${stillStock}`);
  });
});
