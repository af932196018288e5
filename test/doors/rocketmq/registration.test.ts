import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { encodeFrame } from '../../../src/remoting/frame-writer.ts';
import { bodyChecksum } from '../../../src/remoting/messages/register-broker.ts';
import { createRequest, fieldsOf } from '../../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';
import { RawPeer } from '../../remoting/raw-peer.ts';
import { BrokerCaller, type Place, registrationBody } from '../../support/broker-caller.ts';
import { eventually } from '../../support/eventually.ts';
import { type OpenDoor, openDoor } from './open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911', zone: 'idc-a' };

const brokerOf = async (door: OpenDoor) => new BrokerCaller(await door.client(), A);
const proposals = ({ node }: OpenDoor): readonly string[] =>
  node.submitted.map((request) => (request.type === 'propose' ? request.command.type : request.type));

describe('a registration of many topics that is known', () => {
  const topics = Array.from({ length: 5_000 }, (_, nth) => `topic-of-quite-some-length-and-number-${nth}`);

  /** Its bytes up to a place behind the beginning of the body, and the rest of them. */
  function begun(checksum: number | null) {
    const body = registrationBody({ topics });
    const fields = fieldsOf({
      brokerName: A.name,
      clusterName: A.cluster,
      brokerAddr: A.address,
      haServerAddr: '10.1.0.7:10912',
      __ZONE_NAME: A.zone,
      brokerId: 0,
      enableActingMaster: false,
      bodyCrc32: checksum ?? bodyChecksum({ body }),
    });
    const frame = encodeFrame(createRequest({ code: REQUEST.registerBroker, opaque: 9, fields, body }));
    assert.ok(frame !== 'tooLarge' && frame.length > 500_000);
    return { first: frame.subarray(0, 100_000), rest: frame.subarray(100_000) };
  }

  async function registeredOnce(t: TestContext) {
    const door = await openDoor(t);
    assert.equal((await (await brokerOf(door)).register({ topics })).code, RESPONSE.success);
    const peer = new RawPeer(connect({ host: '127.0.0.1', port: door.port }));
    t.after(() => peer.socket.destroy());
    return { door, peer, submitted: door.node.submitted.length };
  }

  it('is passed over, answered, and evidence', async (t) => {
    const { door, peer, submitted } = await registeredOnce(t);
    const { first, rest } = begun(null);
    peer.socket.write(first);
    await new Promise(setImmediate);
    peer.socket.write(rest);
    const [answer] = await peer.receives(1);
    assert.equal(answer?.code, RESPONSE.success);
    assert.equal(door.passedOver(), 1);
    assert.equal(door.node.submitted.length, submitted);
    assert.equal(door.node.heard.length, 2);
  });

  it('is refused where its bytes are not what their checksum says', async (t) => {
    const { door, peer } = await registeredOnce(t);
    const { first, rest } = begun(12_345);
    peer.socket.write(Buffer.concat([first, rest]));
    const [answer] = await peer.receives(1);
    assert.deepEqual([answer?.code, answer?.remark], [RESPONSE.systemError, 'crc32 not match']);
    assert.equal(door.node.heard.length, 1);
  });

  it('is asked for again where it was forgotten meanwhile', async (t) => {
    const { door, peer, submitted } = await registeredOnce(t);
    const { first, rest } = begun(null);
    const state = door.node.state.bind(door.node);
    let isLookedUp = false;
    door.node.state = () => {
      isLookedUp = true;
      return state();
    };
    peer.socket.write(first);
    await eventually('its beginning is read', () => isLookedUp);
    await (await brokerOf(door)).unregister();
    assert.equal(door.node.state().registrations.size, 0);
    peer.socket.write(rest);
    const [answer] = await peer.receives(1);
    assert.equal(answer?.code, RESPONSE.systemBusy);
    assert.match(answer?.remark ?? '', /register once more/);
    assert.deepEqual(proposals(door).slice(submitted), ['registration.remove']);
    assert.equal((await (await brokerOf(door)).register({ topics })).code, RESPONSE.success);
    assert.equal(door.node.state().topicQueues.size, 5_000);
  });
});
