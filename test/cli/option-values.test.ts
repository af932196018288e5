/** The languages of option values, right and wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidArgumentError } from 'commander';
import {
  readCount,
  readDuration,
  readMember,
  readNodeUrl,
  readPair,
  readReplica,
  readTopicQueues,
} from '../../src/cli/option-values.ts';

describe('a replica', () => {
  it('is an address and a site, with or without an id and settings', () => {
    assert.deepEqual(readReplica('127.0.0.1:7101@idc-a'), {
      site: 'idc-a',
      endpoints: { client: '127.0.0.1:7101' },
    });
    assert.deepEqual(
      readReplica('b1=[::1]:7102@idc-b,priority=10,announced=192.0.2.1:7102,replication=10.0.0.1:7102'),
      {
        id: 'b1',
        site: 'idc-b',
        endpoints: { client: '[::1]:7102', replication: '10.0.0.1:7102', announced: '192.0.2.1:7102' },
        priority: 10,
      },
    );
  });

  it('is refused in any other form, which is shown', () => {
    for (const text of [
      '',
      '127.0.0.1:7101',
      '@idc-a',
      'a=b=127.0.0.1:1@idc-a',
      '127.0.0.1:1@idc-a@idc-b',
      '127.0.0.1:1@idc-a,priority',
      '127.0.0.1:1@idc-a,priority=high',
      '127.0.0.1:1@idc-a,priority=1,priority=2',
      '127.0.0.1:1@idc-a,weight=1',
    ]) {
      assert.throws(() => readReplica(text), /is not of the form \[ID=\]HOST:PORT@SITE/, text);
    }
  });
});

describe('queues of a topic', () => {
  it('are as many to write as to read, unless the topic is to shrink', () => {
    assert.deepEqual(readTopicQueues('orders-a=8'), { group: 'orders-a', readQueues: 8, writeQueues: 8 });
    assert.deepEqual(readTopicQueues('orders-a=8/4'), { group: 'orders-a', readQueues: 8, writeQueues: 4 });
  });

  it('are refused in any other form', () => {
    for (const text of ['orders-a', '=8', 'orders-a=', 'orders-a=8/', 'orders-a=-1', 'orders-a=8/4/2']) {
      assert.throws(() => readTopicQueues(text), InvalidArgumentError, text);
    }
  });
});

describe('other values', () => {
  it('are read', () => {
    assert.deepEqual(readPair('team=orders=x'), ['team', 'orders=x']);
    assert.deepEqual(readMember('m1@idc-a'), { member: 'm1', idc: 'idc-a' });
    assert.deepEqual(readMember('m1'), { member: 'm1', idc: null });
    assert.equal(readCount(1)('20'), 20);
    assert.deepEqual(
      ['90s', '30m', '2h', '3d'].map(readDuration),
      [90_000, 1_800_000, 7_200_000, 259_200_000],
    );
    assert.equal(readNodeUrl('http://127.0.0.1:7400'), 'http://127.0.0.1:7400/');
  });

  it('are refused where they make no sense', () => {
    for (const wrong of [
      () => readPair('=x'),
      () => readPair('x'),
      () => readMember('m1@idc-a,m2'),
      () => readCount(1)('0'),
      () => readCount(1)('1.5'),
      () => readDuration('2'),
      () => readDuration('0h'),
      () => readDuration('2 h'),
      () => readNodeUrl('127.0.0.1:7400'),
      () => readNodeUrl('file:///etc/passwd'),
    ]) {
      assert.throws(wrong, InvalidArgumentError);
    }
  });
});
