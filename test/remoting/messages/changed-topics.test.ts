import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { changedTopics as changedSince, topicPrints } from '../../../src/remoting/messages/changed-topics.ts';
import { decodeRegisterBrokerBody } from '../../../src/remoting/messages/register-broker-body.ts';
import type { TopicConfig } from '../../../src/remoting/messages/topic-config.ts';
import { OUR_VERSION } from '../../../src/remoting/versions.ts';

const SEED = 20_261_126;
const changedTopics = (before: Buffer, after: Buffer) => {
  const prints = topicPrints(before);
  return prints === null ? null : changedSince(prints, after);
};

type Topic = { readonly name: string; readonly queues: number };

const textOf = ({ name, queues }: Topic): string =>
  `"${name}":{"attributes":{},"order":false,"perm":6,"readQueueNums":${queues},"topicFilterType":"SINGLE_TAG",` +
  `"topicName":"${name}","topicSysFlag":0,"writeQueueNums":${queues}}`;

const bodyOf = (topics: readonly Topic[], counter = 1, behind = ',"topicQueueMappingInfoMap":{}'): Buffer =>
  Buffer.from(
    `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":${counter},"stateVersion":0,` +
      `"timestamp":17},"topicConfigTable":{${topics.map(textOf).join(',')}}${behind}}}`,
  );

function wholeOf(body: Buffer): ReadonlyMap<string, TopicConfig> {
  const read = decodeRegisterBrokerBody(body, OUR_VERSION);
  assert.ok(read.kind === 'read');
  return read.value.topicConfigTable;
}

/** What it tells is right, and with what was there before it is everything. */
function assertComplete(before: Buffer, after: Buffer): ReadonlyMap<string, TopicConfig> | null {
  const changed = changedTopics(before, after);
  if (changed === null) return null;
  const [old, whole] = [wholeOf(before), wholeOf(after)];
  for (const [name, topic] of changed) assert.deepEqual(topic, whole.get(name), name);
  for (const [name, topic] of whole) assert.deepEqual(changed.get(name) ?? old.get(name), topic, name);
  return changed;
}

const many: readonly Topic[] = Array.from({ length: 3_000 }, (_, nth) => ({
  name: `topic-${nth}`,
  queues: 8,
}));

describe('what is another in a registration', () => {
  it('is nothing where only the version is', () => {
    assert.deepEqual(changedTopics(bodyOf(many), bodyOf(many, 10)), new Map());
    assert.deepEqual(changedTopics(bodyOf([]), bodyOf([], 2)), new Map());
  });

  for (const at of [0, 1, 1_500, 2_999]) {
    it(`is the topic that has changed, come or gone, and few beside it, at place ${at}`, () => {
      const changed = many.with(at, { name: `topic-${at}`, queues: 12 });
      const more = many.toSpliced(at, 0, { name: 'topic-of-today', queues: 1 });
      for (const now of [changed, more, many.toSpliced(at, 1)]) {
        const found = assertComplete(bodyOf(many), bodyOf(now, 2));
        assert.ok(found !== null && found.size < 50, `${found?.size}`);
      }
      assert.ok(changedTopics(bodyOf(many), bodyOf(changed))?.has(`topic-${at}`));
      assert.ok(changedTopics(bodyOf(many), bodyOf(more))?.has('topic-of-today'));
    });
  }

  it('is all topics where there were none', () => {
    const topics = many.slice(0, 2);
    assert.deepEqual(
      [...(changedTopics(bodyOf([]), bodyOf(topics)) ?? [])].map(([name]) => name),
      ['topic-0', 'topic-1'],
    );
  });

  it('cannot be told where something else is another', () => {
    const mapping =
      ',"topicQueueMappingInfoMap":{"S":{"bname":"b","currIdMap":{0:3},"dirty":false,"epoch":0,"scope":"s","topic":"S","totalQueues":2}}';
    const body = bodyOf(many);
    assert.equal(changedTopics(body, bodyOf(many, 1, mapping)), null);
    assert.equal(changedTopics(body, bodyOf(many.slice(1), 1, mapping)), null);
    assert.equal(changedTopics(body, Buffer.from('{}')), null);
    assert.equal(changedTopics(Buffer.from('{}'), body), null);
    assert.equal(changedTopics(body, body.subarray(0, 1_000)), null);
    const text = bodyOf(many.slice(0, 3)).toString();
    const strange = Buffer.from(
      text.replace('"SINGLE_TAG","topicName":"topic-1"', '"NEW","topicName":"topic-1"'),
    );
    assert.equal(changedTopics(bodyOf(many.slice(0, 3)), strange), null);
    const broken = bodyOf(many.slice(0, 3));
    broken[broken.indexOf('topic-1')] = 0xff;
    assert.equal(changedTopics(bodyOf(many.slice(0, 3)), broken), null);
  });

  it('is told rightly or not at all, whatever topics there were and are', () => {
    const topic = fc.record({
      name: fc.constantFrom('a', 'b', 'ab', 'ba', 'x8},', 'c0'),
      queues: fc.nat(11),
    });
    const few = fc.uniqueArray(topic, { selector: ({ name }) => name, maxLength: 6 });
    // So many that there are several pieces, and the few among them.
    const topics = fc
      .tuple(few, fc.nat(60), fc.nat(60))
      .map(([some, count, at]) => many.slice(0, count).toSpliced(at, 0, ...some));
    let told = 0;
    fc.assert(
      fc.property(topics, topics, fc.nat(20), (before, after, counter) => {
        if (assertComplete(bodyOf(before), bodyOf(after, counter)) !== null) told += 1;
      }),
      { seed: SEED, numRuns: 1_000 },
    );
    assert.ok(told > 700, `${told}`);
  });
});
