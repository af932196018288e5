/**
 * Judges RocketMQ broker sets: signs of brokers come in from the doors, what is decided is committed, and brokers are
 * told. Like the coordinator, every entry point runs to completion and nothing is awaited.
 */
import { unreachable } from '../../primitives/assert.ts';
import type { NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { refused } from '../../primitives/refusal.ts';
import type { Context } from '../context.ts';
import type { Asker } from '../effects.ts';
import { BrokerAsks } from './broker-asks.ts';
import type { BrokerHeard } from './broker-heard.ts';
import type { BrokerSetRequest } from './broker-set-request.ts';
import type { BrokerSetMessage } from './messages.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';

export class BrokerSets {
  readonly #context: Context;
  readonly #asks: BrokerAsks;

  constructor(context: Context) {
    this.#context = context;
    this.#asks = new BrokerAsks(context);
  }

  heard(_heard: BrokerHeard, _now: Instant): void {}

  answered(askId: number, answer: BrokerAnswer, now: Instant): void {
    this.#asks.answered(askId, answer, now);
  }

  fromPeer(from: NodeName, message: BrokerSetMessage, now: Instant): void {
    switch (message.type) {
      case 'askBroker':
        this.#asks.relay(from, message);
        return;
      case 'brokerAnswered':
        this.#asks.relayAnswered(message, now);
        return;
      case 'confirmBroker':
      case 'confirmBrokerReply':
      case 'brokersSeen':
        return;
      default:
        unreachable(message);
    }
  }

  request(asker: Asker, _request: BrokerSetRequest, _now: Instant): void {
    const reply = refused('notActive', 'This leader does not judge broker sets yet.');
    this.#context.emit({ kind: 'reply', asker, reply });
  }

  tick(now: Instant): void {
    this.#asks.expire(now);
  }

  /** Another term: what was asked for in the one before is void. */
  clear(): void {
    this.#asks.clear();
  }
}
