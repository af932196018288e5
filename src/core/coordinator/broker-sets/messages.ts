/** What coordinators of different nodes ask of each other about RocketMQ brokers; none of it is replicated. */
import type { Testimony } from '../../liveness/testimony.ts';
import type { ClusterName, GroupName, Term } from '../../primitives/identifiers.ts';
import type { BrokerAnswer, BrokerAsk } from './rocketmq-port.ts';

/** One broker by name and address: ids change with the role where no controller gives them. */
export type BrokerRef = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly address: string;
};

/** When a node heard a broker last. */
export type BrokerSeen = BrokerRef & {
  readonly ageMs: number;
  /** The connection over which it was heard has ended since. */
  readonly closed: boolean;
};

export type BrokerSetMessage =
  /** Leader asks: probe this broker afresh and say what you make of it. */
  | {
      readonly type: 'confirmBroker';
      readonly term: Term;
      readonly confirmId: number;
      readonly broker: BrokerRef;
    }
  | {
      readonly type: 'confirmBrokerReply';
      readonly term: Term;
      readonly confirmId: number;
      readonly broker: BrokerRef;
      readonly testimony: Testimony;
    }
  /** The leader cannot reach a broker itself: this node is asked to try. */
  | {
      readonly type: 'askBroker';
      readonly term: Term;
      readonly askId: number;
      readonly address: string;
      readonly ask: BrokerAsk;
      readonly timeoutMs: number;
    }
  | {
      readonly type: 'brokerAnswered';
      readonly term: Term;
      readonly askId: number;
      readonly answer: BrokerAnswer;
    }
  /** Which brokers this node heard, a bounded part of them at a time. */
  | { readonly type: 'brokersSeen'; readonly brokers: readonly BrokerSeen[] };

export const isBrokerSetMessage = (message: { readonly type: string }): message is BrokerSetMessage =>
  BROKER_SET_MESSAGES.has(message.type);

const TYPES: Readonly<Record<BrokerSetMessage['type'], true>> = {
  confirmBroker: true,
  confirmBrokerReply: true,
  askBroker: true,
  brokerAnswered: true,
  brokersSeen: true,
};
const BROKER_SET_MESSAGES: ReadonlySet<string> = new Set(Object.keys(TYPES));
