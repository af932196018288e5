/** The twin that tests without sockets stand on answers as the driver does, which keeps the same contract. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimerPort } from '../../../../src/core/node/ports.ts';
import { RUNNING } from './broker-model.ts';
import { MemoryBrokers } from './memory-brokers.ts';
import { type BrokerGround, describeRocketmqPort } from './rocketmq-port-contract.ts';

const clock = { now: () => ({ monotonicMs: performance.now(), wallMs: 0 }) };
const timers: TimerPort = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

function groundInMemory(): BrokerGround {
  const brokers = new MemoryBrokers({ clock, timers });
  let placed = 0;
  const place = (): string => {
    placed += 1;
    return `10.0.0.${placed}:10911`;
  };
  return {
    broker: async (setup) => {
      const address = place();
      brokers.add(address, setup);
      return address;
    },
    nowhere: async () => place(),
    kill: async (address) => brokers.set(address, 'down'),
    stall: async (address) => brokers.set(address, 'stalled'),
    goOn: async (address) => brokers.set(address, 'up'),
    cut: async (address) => brokers.set(address, 'cutting'),
    port: () => brokers.port(),
    dispose: async () => undefined,
  };
}

describeRocketmqPort('brokers in memory', groundInMemory);

test('a broken way hides a broker in memory from one node alone, for as long as that asks', async () => {
  const brokers = new MemoryBrokers({ clock, timers });
  const address = '10.0.0.1:10911';
  const epochs = [{ epoch: 1, startOffset: 0n, endOffset: RUNNING }];
  brokers.add(address, {
    name: 'broker-a',
    brokerId: 1,
    isMaster: true,
    epochs,
    maxOffset: 100n,
    isControllerMode: true,
  });
  const cutOff = await brokers.port(() => false).ask(address, { kind: 'probe' }, 20);
  assert.equal(cutOff.kind, 'silent');
  assert.equal((await brokers.port().ask(address, { kind: 'probe' }, 20_000)).kind, 'answered');
});
