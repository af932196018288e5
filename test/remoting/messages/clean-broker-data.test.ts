import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  alterSyncStateSetRequest,
  alterSyncStateSetResponse,
} from '../../../src/remoting/messages/alter-sync-state-set.ts';
import {
  addressInCheckCode,
  applyBrokerIdRequest,
  nextBrokerIdRequest,
  nextBrokerIdResponse,
} from '../../../src/remoting/messages/broker-id.ts';
import { cleanBrokerDataRequest, idsToClean } from '../../../src/remoting/messages/clean-broker-data.ts';
import { roleChangeRequest } from '../../../src/remoting/messages/role-change.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

describe('what operators and brokers ask a controller', () => {
  const clean = (ids: string | null) =>
    idsToClean(
      valueIn(
        cleanBrokerDataRequest.decode(
          fieldsIn({ brokerName: 'broker-a', ...(ids === null ? {} : { brokerControllerIdsToClean: ids }) }),
        ),
      ),
    );

  it('forgets brokers by their ids, or a whole set', () => {
    assert.equal(valueIn(clean(null)), null);
    assert.equal(valueIn(clean('')), null);
    assert.deepEqual(valueIn(clean('1')), [1]);
    assert.deepEqual(valueIn(clean('1;2;')), [1, 2]);
    assert.equal(
      damageIn(clean('1,2')),
      'expected brokerControllerIdsToClean: ids with semicolons between them, found 1,2',
    );
    assert.equal(
      damageIn(clean(Array.from({ length: 65 }, (_, id) => id).join(';'))),
      'expected brokerControllerIdsToClean: at most 64 ids, found 65',
    );
  });

  it('gives out ids, to whoever has the check code', () => {
    const next = fieldsIn({ clusterName: 'C', brokerName: 'broker-a' });
    assert.deepEqual(nextBrokerIdRequest.encode(valueIn(nextBrokerIdRequest.decode(next))), next);
    assert.deepEqual(
      nextBrokerIdResponse.encode({ clusterName: 'C', brokerName: 'broker-a', nextBrokerId: 1 }),
      fieldsIn({ clusterName: 'C', brokerName: 'broker-a', nextBrokerId: '1' }),
    );
    const applied = valueIn(
      applyBrokerIdRequest.decode(
        new Map([...next, ['appliedBrokerId', '1'], ['registerCheckCode', '10.0.0.1:10911;1795373267395']]),
      ),
    );
    assert.equal(applied.appliedBrokerId, 1);
    assert.equal(addressInCheckCode(applied.registerCheckCode), '10.0.0.1:10911');
    assert.equal(addressInCheckCode('nonsense'), null);
  });

  it('changes a sync state set', () => {
    const fields = fieldsIn({ brokerName: 'broker-a', masterBrokerId: '1', masterEpoch: '2' });
    assert.deepEqual(valueIn(alterSyncStateSetRequest.decode(fields)), {
      brokerName: 'broker-a',
      masterBrokerId: 1,
      masterEpoch: 2,
      invokeTime: null,
    });
    assert.deepEqual(
      alterSyncStateSetResponse.encode({ newSyncStateSetEpoch: 4 }),
      fieldsIn({ newSyncStateSetEpoch: '4' }),
    );
  });

  it('tells a broker its role, with a master and without', () => {
    const request = {
      masterAddress: '10.0.0.1:10911',
      masterEpoch: 3,
      syncStateSetEpoch: 4,
      masterBrokerId: 1,
    };
    const fields = roleChangeRequest.encode(request);
    assert.deepEqual(
      fields,
      fieldsIn({
        masterAddress: '10.0.0.1:10911',
        masterEpoch: '3',
        syncStateSetEpoch: '4',
        masterBrokerId: '1',
      }),
    );
    assert.deepEqual(valueIn(roleChangeRequest.decode(fields)), request);
    const lost = { ...request, masterAddress: null, masterBrokerId: null };
    assert.deepEqual(roleChangeRequest.encode(lost), fieldsIn({ masterEpoch: '3', syncStateSetEpoch: '4' }));
  });
});
