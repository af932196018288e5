/** RocketMQ brokers in memory, on a clock that may be moved by hand. They keep rocketmq-port-contract.ts as real ones do. */

import type {
  BrokerAnswer,
  BrokerAsk,
  RocketmqPort,
} from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { ClockPort, TimerPort } from '../../../../src/core/node/ports.ts';
import { splitAddress } from '../../../../src/core/primitives/address.ts';
import { BrokerModel, type BrokerSetup } from './broker-model.ts';

/** `down`: nobody listens. `stalled`: connections are taken, nothing is answered. `cutting`: they are taken and ended. */
export type Condition = 'up' | 'down' | 'stalled' | 'cutting';

type Placed = { readonly model: BrokerModel; condition: Condition; readonly waiting: Set<() => void> };
type Ports = { readonly clock: ClockPort; readonly timers: TimerPort };

const NEVER_SENT: BrokerAnswer = { kind: 'silent', waitedMs: 0 };
const NOT_IN_CONTROLLER_MODE: BrokerAnswer = {
  kind: 'answeredError',
  code: 1,
  remark: 'this broker is not in controller mode',
};

export class MemoryBrokers {
  readonly #brokers = new Map<string, Placed>();
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  add(address: string, setup: BrokerSetup): BrokerModel {
    const model = new BrokerModel(setup);
    this.#brokers.set(address, { model, condition: 'up', waiting: new Set() });
    return model;
  }

  /** What waits at a broker that stood still is answered when it goes on. */
  set(address: string, condition: Condition): void {
    const broker = this.#brokers.get(address);
    if (broker === undefined) throw new Error(`no broker at ${address}`);
    broker.condition = condition;
    if (condition === 'stalled') return;
    for (const look of broker.waiting) look();
  }

  /** The brokers as one node reaches them; null: its way to the address is broken. */
  port(reaches: (address: string) => boolean = () => true): RocketmqPort {
    const givingUp = new Set<() => void>();
    let isClosed = false;
    return {
      ask: (address, ask, timeoutMs) => {
        if (isClosed || !isAddress(address)) return Promise.resolve(NEVER_SENT);
        return new Promise((resolve) => {
          const broker = reaches(address) ? this.#brokers.get(address) : 'unreachable';
          const { clock, timers } = this.#ports;
          const startedMs = clock.now().monotonicMs;
          const settle = (answer: BrokerAnswer): void => {
            stopTimer();
            givingUp.delete(giveUp);
            if (broker instanceof Object) broker.waiting.delete(look);
            resolve(answer);
          };
          const giveUp = (): void => settle(NEVER_SENT);
          const look = (): void => {
            const answer = broker === 'unreachable' ? null : answerOf(broker, ask);
            if (answer !== null) settle(answer);
          };
          const stopTimer = timers.after(timeoutMs, () =>
            settle({ kind: 'silent', waitedMs: Math.max(1, clock.now().monotonicMs - startedMs) }),
          );
          givingUp.add(giveUp);
          if (broker instanceof Object) broker.waiting.add(look);
          look();
        });
      },
      close: async () => {
        isClosed = true;
        for (const giveUp of givingUp) giveUp();
      },
    };
  }
}

function isAddress(address: string): boolean {
  const { host, port } = splitAddress(address);
  return host !== '' && !host.includes(' ') && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Null: it does not answer now. */
function answerOf(broker: Placed | undefined, ask: BrokerAsk): BrokerAnswer | null {
  switch (broker?.condition ?? 'down') {
    case 'down':
      return { kind: 'refused', error: 'connect ECONNREFUSED' };
    case 'cutting':
      return { kind: 'disconnected', error: 'closed by the other side' };
    case 'stalled':
      return null;
    case 'up':
      return broker === undefined ? null : answerOfLive(broker.model, ask);
  }
}

function answerOfLive(model: BrokerModel, ask: BrokerAsk): BrokerAnswer {
  if (ask.kind === 'changeRole') {
    model.changeRole(ask);
    return { kind: 'acknowledged' };
  }
  const { isControllerMode, isMaster, brokerId, name, epochs, maxOffset } = model.state;
  if (!isControllerMode) return NOT_IN_CONTROLLER_MODE;
  return {
    kind: 'answered',
    answerMs: 0,
    epochs,
    maxOffset,
    brokerId: isMaster ? 0 : brokerId,
    brokerName: name,
  };
}
