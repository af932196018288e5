/** What holds at the door whatever is asked: who is let in, what every answer carries, and what nobody can exceed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';
import { eventually } from '../../support/eventually.ts';
import { openDoor } from './open-door.ts';

async function bare(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('the RocketMQ door', () => {
  it('answers with the opaque of the request, in the way its header is written', async (t) => {
    const { client, bugs } = await openDoor(t);
    const one = await client();
    const asked = { fields: { namespace: 'n', key: 'k' } };
    const answers = await Promise.all([
      one.ask(REQUEST.getKvConfig, asked),
      one.ask(REQUEST.getKvConfig, { ...asked, serializeType: 'rocketmq' }),
      one.ask(REQUEST.getNamesrvConfig),
    ]);
    assert.deepEqual(
      answers.map(({ code, serializeType, isResponse }) => [code, serializeType, isResponse]),
      [
        [RESPONSE.queryNotFound, 'json', true],
        [RESPONSE.queryNotFound, 'rocketmq', true],
        [RESPONSE.success, 'json', true],
      ],
    );
    assert.equal(answers[0]?.remark, 'No config item, Namespace: n Key: k');
    assert.deepEqual(bugs, []);
  });

  it('says of a code that it does not know what a stock server says', async (t) => {
    const { client } = await openDoor(t);
    const one = await client();
    for (const code of [47, 311, 312, 313, 1_014, 32_000]) {
      const { code: answered, remark } = await one.ask(code);
      assert.deepEqual([answered, remark], [3, ` request type ${code} not supported`]);
    }
  });

  it('never answers a one-way, known or unknown', async (t) => {
    const { client } = await openDoor(t);
    const one = await client();
    let received = 0;
    one.socket.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    for (const code of [REQUEST.getNamesrvConfig, REQUEST.brokerHeartbeat, 9_999]) one.tell(code);
    const { body } = await one.ask(REQUEST.getControllerConfig);
    assert.match(body.toString(), /enableElectUncleanMaster=false/);
    const alone = received;
    await one.ask(REQUEST.getControllerConfig);
    assert.equal(received, 2 * alone, 'only what was asked was answered');
  });

  const strangers: readonly (readonly [what: string, bytes: string, stranger: string])[] = [
    ['a TLS client', '\x16\x03\x01\x02\x00', 'tls'],
    ['a load balancer with the PROXY protocol', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n', 'proxyProtocol'],
    ['a browser', 'GET / HTTP/1.1\r\n\r\n', 'http'],
  ];
  for (const [what, bytes, stranger] of strangers) {
    it(`turns ${what} away without a word, and says so once`, async (t) => {
      const { port, turnedAway } = await openDoor(t);
      const socket = await bare(t, port);
      const closed = once(socket, 'close');
      let received = 0;
      socket.on('data', (piece: Buffer) => {
        received += piece.length;
      });
      socket.write(bytes, 'latin1');
      await closed;
      assert.equal(received, 0);
      assert.deepEqual(turnedAway, [{ why: 'stranger', stranger }]);
    });
  }

  const broken: readonly (readonly [what: string, bytes: Buffer, problem: RegExp])[] = [
    ['a frame above the limit', Buffer.from('01000001', 'hex'), /16777216/],
    ['a frame too short for its own head', Buffer.from('00000002', 'hex'), /frame/],
    ['a header longer than its frame', Buffer.from('00000008000000ff', 'hex'), /header/],
    ['a header that is no JSON', Buffer.from('0000000600000002' + '7b7b', 'hex'), /JSON/],
    ['a header of a third kind', Buffer.from('0000000605000002' + '7b7d', 'hex'), /type 0 or 1/],
  ];
  for (const [what, bytes, problem] of broken) {
    it(`ends the connection of who sends ${what}, and of nobody else`, async (t) => {
      const { port, turnedAway, client } = await openDoor(t);
      const other = await client();
      const socket = await bare(t, port);
      const closed = once(socket, 'close');
      socket.write(bytes);
      socket.resume();
      await closed;
      await eventually('it is told', () => turnedAway.length > 0);
      assert.match(JSON.stringify(turnedAway), problem);
      assert.equal(turnedAway[0]?.why, 'malformed');
      assert.equal((await other.ask(REQUEST.getNamesrvConfig)).code, RESPONSE.success);
    });
  }

  it('reads no more from who asks and does not read, and goes on with the others', async (t) => {
    const { port, client } = await openDoor(t);
    const socket = await bare(t, port);
    const header = Buffer.from('{"code":319,"opaque":1,"flag":0}');
    const frame = Buffer.alloc(8 + header.length);
    frame.writeUInt32BE(4 + header.length, 0);
    frame.writeUInt32BE(header.length, 4);
    header.copy(frame, 8);
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 2_000 }, () => frame));
    let written = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let turn = 0; turn < 500 && !socket.writableNeedDrain; turn += 1) {
      socket.write(many);
      written += many.length;
      await new Promise((done) => setTimeout(done, 1));
    }
    assert.ok(socket.writableNeedDrain, `the door stopped reading within ${written} bytes`);
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 64 * LIMITS.rocketmqOutgoingBytes, `${grown} bytes were kept`);
    assert.equal((await (await client()).ask(REQUEST.getNamesrvConfig)).code, RESPONSE.success);
  });

  it('has properties for the tools to see, and none to change', async (t) => {
    const { client } = await openDoor(t);
    const one = await client();
    for (const code of [REQUEST.updateNamesrvConfig, REQUEST.updateControllerConfig]) {
      const { code: answered, remark } = await one.ask(code, { body: Buffer.from('a=b\n') });
      assert.equal(answered, RESPONSE.noPermission);
      assert.match(remark ?? '', /configuration file/);
    }
  });

  it('names itself as where brokers go on, at the address at which they came in', async (t) => {
    const { client, port } = await openDoor(t);
    const { fields, code } = await (await client()).ask(REQUEST.controllerGetMetadataInfo);
    assert.equal(code, RESPONSE.success);
    assert.deepEqual(Object.fromEntries(fields), {
      group: 'pollux',
      controllerLeaderId: 'node-a',
      controllerLeaderAddress: `127.0.0.1:${port}`,
      isLeader: 'true',
      peers: 'node-a:10.1.0.5:9876;node-b:10.2.0.5:9876;node-w:10.3.0.5:9876;',
    });
  });

  it('names the address that its configuration says, where that says one', async (t) => {
    const { client } = await openDoor(t, { advertised: '203.0.113.7:19876' });
    const { fields } = await (await client()).ask(REQUEST.controllerGetMetadataInfo);
    assert.equal(fields.get('controllerLeaderAddress'), '203.0.113.7:19876');
  });

  it('sends a client elsewhere while it cannot confirm that it is current: an error, then the end', async (t) => {
    const { client, node } = await openDoor(t);
    node.current = false;
    const one = await client();
    const { code, remark, fields } = await one.ask(REQUEST.controllerGetMetadataInfo);
    assert.equal(code, RESPONSE.controllerNotLeader);
    assert.match(remark ?? '', /cannot confirm that it is current/);
    assert.equal(fields.get('controllerLeaderAddress'), undefined);
    assert.equal((await one.ended).kind, 'closedByOther');
  });

  it('holds an answer back for the moment between two leaders', async (t) => {
    const { client, node } = await openDoor(t);
    node.current = false;
    const one = await client();
    const answer = one.ask(REQUEST.controllerGetMetadataInfo);
    setTimeout(() => {
      node.current = true;
    }, 200);
    assert.equal((await answer).code, RESPONSE.success);
  });
});
