/** The contract on brokers at real sockets, and what only a wire can do to an answer. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BrokerAnswer, BrokerAsk } from '../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { ROCKETMQ_LIMITS } from '../../../src/drivers/rocketmq/limits.ts';
import { RocketmqDriver } from '../../../src/drivers/rocketmq/rocketmq-driver.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';
import { type BrokerSetup, RUNNING } from '../../core/coordinator/broker-sets/broker-model.ts';
import {
  type BrokerGround,
  describeRocketmqPort,
} from '../../core/coordinator/broker-sets/rocketmq-port-contract.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/ports.ts';
import { bytesOf, epochCacheText, ScriptedBroker } from './scripted-broker.ts';

const LONG_MS = 20_000;
const PROBE: BrokerAsk = { kind: 'probe' };
const CHANGE: BrokerAsk = {
  kind: 'changeRole',
  masterAddress: '10.0.0.1:10911',
  masterBrokerId: 3,
  masterEpoch: 5,
  syncStateSet: [3, 4],
  syncStateSetEpoch: 12,
};
const SETUP: BrokerSetup = {
  name: 'broker-a',
  brokerId: 2,
  isMaster: false,
  epochs: [{ epoch: 1, startOffset: 0n, endOffset: RUNNING }],
  maxOffset: 1_234n,
  isControllerMode: true,
};

const clock = { now: () => ({ monotonicMs: performance.now(), wallMs: 0 }) };
const driver = (): RocketmqDriver => new RocketmqDriver({ clock });

function groundOnSockets(): BrokerGround {
  const brokers = new Map<string, ScriptedBroker>();
  const ports: RocketmqDriver[] = [];
  const at = (address: string): ScriptedBroker => {
    const broker = brokers.get(address);
    assert.ok(broker, address);
    return broker;
  };
  return {
    broker: async (setup) => {
      const broker = await ScriptedBroker.start(setup);
      brokers.set(broker.address, broker);
      return broker.address;
    },
    nowhere: async () => `127.0.0.1:${await freePort()}`,
    kill: async (address) => at(address).kill(),
    stall: async (address) => at(address).stall(),
    goOn: async (address) => at(address).goOn(),
    cut: async (address) => {
      at(address).script = (_, socket) => socket.destroy();
    },
    port: () => {
      const port = driver();
      ports.push(port);
      return port;
    },
    dispose: async () => {
      await Promise.all(ports.map((port) => port.close()));
      await Promise.all([...brokers.values()].map((broker) => broker.kill()));
    },
  };
}

describeRocketmqPort('brokers at sockets', groundOnSockets);

async function brokerFor(t: TestContext): Promise<{ broker: ScriptedBroker; port: RocketmqDriver }> {
  const broker = await ScriptedBroker.start(SETUP);
  const port = driver();
  t.after(async () => {
    await port.close();
    await broker.kill();
  });
  return { broker, port };
}

const kindOf = ({ kind }: BrokerAnswer): string => kind;

test('a role change goes out as a request, with everything that a broker looks at', async (t) => {
  const { broker, port } = await brokerFor(t);
  assert.deepEqual(await port.ask(broker.address, CHANGE, LONG_MS), { kind: 'acknowledged' });
  const lost: BrokerAsk = { ...CHANGE, masterAddress: null, masterBrokerId: null };
  assert.deepEqual(await port.ask(broker.address, lost, LONG_MS), { kind: 'acknowledged' });
  assert.deepEqual(
    broker.requests.map(({ code, isOneWay, isResponse, fields, body }) => ({
      code,
      isOneWay,
      isResponse,
      fields: Object.fromEntries([...fields].sort()),
      body: JSON.parse(String(body)),
    })),
    [
      { masterAddress: '10.0.0.1:10911', masterBrokerId: '3', masterEpoch: '5', syncStateSetEpoch: '12' },
      { masterEpoch: '5', syncStateSetEpoch: '12' },
    ].map((fields) => ({
      code: REQUEST.notifyBrokerRoleChanged,
      isOneWay: false,
      isResponse: false,
      fields,
      body: { syncStateSet: [3, 4], syncStateSetEpoch: 12 },
    })),
  );
});

test('a probe asks for the epochs alone, and every question has a connection of its own', async (t) => {
  const { broker, port } = await brokerFor(t);
  for (const ask of [PROBE, PROBE, CHANGE]) await port.ask(broker.address, ask, LONG_MS);
  assert.equal(broker.taken, 3);
  const [probe] = broker.requests;
  assert.deepEqual(
    [probe?.code, probe?.isOneWay, probe?.fields.size, probe?.body.length],
    [REQUEST.getBrokerEpochCache, false, 0, 0],
  );
  await eventually('no connection is left', () => broker.sockets.size === 0);
});

test('an answer may come in any pieces', async (t) => {
  const { broker, port } = await brokerFor(t);
  broker.script = async (request, socket) => {
    const bytes = bytesOf(request, { code: RESPONSE.success, body: Buffer.from(epochCacheText(SETUP)) });
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
  };
  const answer = await port.ask(broker.address, PROBE, LONG_MS);
  assert.deepEqual(answer.kind === 'answered' && [answer.epochs, answer.maxOffset], [SETUP.epochs, 1_234n]);
});

test('what is no frame, and an answer that breaks off, are a cut', async (t) => {
  const { broker, port } = await brokerFor(t);
  broker.script = (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  const garbage = await port.ask(broker.address, PROBE, LONG_MS);
  assert.match(garbage.kind === 'disconnected' ? garbage.error : garbage.kind, /no frame/);
  broker.script = (request, socket) => {
    const bytes = bytesOf(request, { code: RESPONSE.success, body: Buffer.from(epochCacheText(SETUP)) });
    socket.end(bytes.subarray(0, bytes.length - 1));
  };
  const half = await port.ask(broker.address, PROBE, LONG_MS);
  assert.match(half.kind === 'disconnected' ? half.error : half.kind, /closed by the other side/);
  broker.script = (_, socket) => socket.resetAndDestroy();
  const reset = await port.ask(broker.address, CHANGE, LONG_MS);
  assert.match(reset.kind === 'disconnected' ? reset.error : reset.kind, /ECONNRESET/);
});

test('an answer that is well formed and says nothing that is known is a sign of life', async (t) => {
  const { broker, port } = await brokerFor(t);
  for (const body of ['', 'null', '[]', '{}', '{"epochList":7}', '{"brokerId":', '\u0000']) {
    broker.script = (request, socket) =>
      socket.write(bytesOf(request, { code: RESPONSE.success, body: Buffer.from(body) }));
    const answer = await port.ask(broker.address, PROBE, LONG_MS);
    assert.ok(answer.kind === 'answered', `${body}: ${answer.kind}`);
    const { answerMs, kind, ...said } = answer;
    assert.ok(answerMs >= 0);
    assert.deepEqual(said, { epochs: null, maxOffset: null, brokerId: null, brokerName: null }, body);
  }
});

test('an error is told with its code and its words, which are cut where they are too long', async (t) => {
  const { broker, port } = await brokerFor(t);
  broker.script = (request, socket) =>
    socket.write(bytesOf(request, { code: RESPONSE.systemBusy, remark: `[OVERLOAD]${'x'.repeat(2_000)}` }));
  for (const ask of [PROBE, CHANGE]) {
    const answer = await port.ask(broker.address, ask, LONG_MS);
    assert.ok(answer.kind === 'answeredError');
    assert.equal(answer.code, RESPONSE.systemBusy);
    assert.ok(
      answer.remark.startsWith('[OVERLOAD]x') && answer.remark.length <= ROCKETMQ_LIMITS.errorCharacters,
    );
  }
  broker.script = (request, socket) => socket.write(bytesOf(request, { code: RESPONSE.systemError }));
  assert.deepEqual(await port.ask(broker.address, PROBE, LONG_MS), {
    kind: 'answeredError',
    code: RESPONSE.systemError,
    remark: '',
  });
});

test('the answer to another question is none', async (t) => {
  const { broker, port } = await brokerFor(t);
  broker.script = (request, socket) =>
    socket.write(bytesOf({ ...request, opaque: request.opaque + 1 }, { code: RESPONSE.success }));
  assert.equal(kindOf(await port.ask(broker.address, PROBE, 100)), 'silent');
});

test('one broker is asked so many things at once, and no more; the others are not held up by it', async (t) => {
  const { broker, port } = await brokerFor(t);
  const other = await ScriptedBroker.start({ ...SETUP, name: 'broker-b' });
  t.after(() => other.kill());
  broker.stall();
  const most = ROCKETMQ_LIMITS.connectionsPerBroker;
  const out = Array.from({ length: most }, () => port.ask(broker.address, PROBE, LONG_MS));
  assert.deepEqual(await port.ask(broker.address, PROBE, LONG_MS), { kind: 'silent', waitedMs: 0 });
  assert.equal(kindOf(await port.ask(other.address, PROBE, LONG_MS)), 'answered');
  await eventually('all are there', () => broker.requests.length === most);
  broker.goOn();
  assert.deepEqual(
    (await Promise.all(out)).map(kindOf),
    out.map(() => 'answered'),
  );
  assert.equal(broker.taken, most);
  assert.equal(kindOf(await port.ask(broker.address, PROBE, LONG_MS)), 'answered');
});

test('a host to which there is no way is silent, and a name that is nobody’s was never asked', async (t) => {
  const { port } = await brokerFor(t);
  // No connection can be made to a group of hosts; the system says so at once, without a packet.
  const group = await port.ask('224.0.0.1:10911', PROBE, LONG_MS);
  assert.ok(group.kind === 'silent' && group.waitedMs > 0);
  const overlong = `${'x'.repeat(70)}.invalid:10911`;
  assert.deepEqual(await port.ask(overlong, PROBE, LONG_MS), { kind: 'silent', waitedMs: 0 });
});
