import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RegistrationHead } from '../../../src/core/metadata/registration-rules.ts';
import { ReadBodies } from '../../../src/doors/rocketmq/read-bodies.ts';
import { topicPrints } from '../../../src/remoting/messages/changed-topics.ts';
import { alike, BROKER_A, registration, version } from '../../core/metadata/broker-set-fixture.ts';
import { Ledger } from '../../core/metadata/ledger.ts';
import { registrationBody } from '../../support/broker-caller.ts';

function head(number: number, changes: Partial<RegistrationHead> = {}): RegistrationHead {
  return { ...registration(number), ...changes };
}

const body = registrationBody({});
const prints = topicPrints(body);
/** Of one piece from the start. */
const PRINT_BYTES = 4 + 512;

describe('bodies of registrations that were read', () => {
  it('are good until something but the registration itself changes the topics of the set', () => {
    const ledger = new Ledger();
    const bodies = new ReadBodies();
    const read = (): void => {
      ledger.accept(registration(1));
      bodies.keep(ledger.store, head(1), body);
      assert.deepEqual(bodies.before(ledger.store, head(1)), prints);
    };
    const kind = { readQueues: 1, writeQueues: 1, permission: 6, sysFlag: 0 };
    read();
    assert.equal(
      bodies.before(ledger.store, head(1, { brokerId: 3 })),
      null,
      'another id is judged by all topics',
    );
    assert.equal(bodies.before(ledger.store, head(2)), null);
    ledger.accept({ type: 'naming.deleteTopic', topic: 'TopicA', cluster: null });
    assert.equal(bodies.before(ledger.store, head(1)), null);
    read();
    ledger.accept({ type: 'naming.putTopic', topic: 'TopicA', queues: [{ name: BROKER_A, ...kind }] });
    assert.equal(bodies.before(ledger.store, head(1)), null);
    read();
    ledger.accept({ type: 'keyValue.set', key: 'k', value: 'v' });
    assert.deepEqual(bodies.before(ledger.store, head(1)), prints);
    ledger.accept(registration(1, { dataVersion: version(2) }));
    assert.equal(bodies.before(ledger.store, head(1)), null);
  });

  it('are not kept of another version than the state has, nor of one that is there in part', () => {
    const ledger = new Ledger();
    const bodies = new ReadBodies();
    bodies.keep(ledger.store, head(1), body);
    ledger.accept(registration(1, { complete: false, topics: [alike(['TopicA'])] }));
    bodies.keep(ledger.store, head(1), body);
    bodies.keep(ledger.store, head(1, { dataVersion: version(2) }), body);
    assert.equal(bodies.bytes, 0);
    assert.equal(bodies.before(ledger.store, head(1)), null);
  });

  it('are bounded in bytes, the one that was read longest ago goes first, and none larger than that is kept', () => {
    const ledger = new Ledger();
    const bodies = new ReadBodies(2 * PRINT_BYTES + 1);
    const topics = Array.from({ length: 2_000 }, (_, nth) => `topic-of-some-length-${nth}`);
    for (const number of [1, 2, 3]) {
      ledger.accept(registration(number, { brokerId: number }));
      bodies.keep(ledger.store, head(number, { brokerId: number }), body);
    }
    // Each registration of the set replaces the set's own object, so that only the last one is good.
    assert.deepEqual(bodies.before(ledger.store, head(3, { brokerId: 3 })), prints);
    assert.equal(bodies.bytes, 2 * PRINT_BYTES);
    bodies.keep(ledger.store, head(3, { brokerId: 3 }), registrationBody({ topics }));
    assert.equal(bodies.bytes, 2 * PRINT_BYTES - PRINT_BYTES);
    const small = new ReadBodies(PRINT_BYTES - 1);
    small.keep(ledger.store, head(3, { brokerId: 3 }), body);
    assert.equal(small.bytes, 0);
  });

  it('are those that stock brokers write', () => {
    const ledger = new Ledger();
    const bodies = new ReadBodies();
    ledger.accept(registration(1));
    bodies.keep(ledger.store, head(1), Buffer.from('{}'));
    assert.equal(bodies.bytes, 0);
  });
});
