/**
 * Questions to brokers that are out: the leader's own, asked from here or through another node, and those that this node
 * asks for its leader. Every question gets an answer, if only that nothing came in time; nothing asked in one term is
 * answered in another.
 */
import type { NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { Context } from '../context.ts';
import type { BrokerSetMessage } from './messages.ts';
import type { BrokerAnswer, BrokerAsk } from './rocketmq-port.ts';

/** For the way to another node and back, and for a driver's own scheduling. */
const ANSWER_SLACK_MS = 500;

export type Question = { readonly address: string; readonly ask: BrokerAsk; readonly timeoutMs: number };
export type OnAnswer = (answer: BrokerAnswer, now: Instant) => void;

export class BrokerAsks {
  readonly #context: Context;
  /** Own questions by id. */
  readonly #out = new Map<
    number,
    { readonly deadlineMs: number; readonly askedMs: number; onAnswer: OnAnswer }
  >();
  /** Questions asked for another node, by own id. */
  readonly #relayed = new Map<
    number,
    { readonly from: NodeName; readonly question: Extract<BrokerSetMessage, { type: 'askBroker' }> }
  >();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Own questions that are out. */
  get size(): number {
    return this.#out.size;
  }

  /** `via` null: from here. False, and nothing is asked, while too many questions are out. */
  ask(
    { address, ask, timeoutMs }: Question,
    via: NodeName | null,
    now: Instant,
    onAnswer: OnAnswer,
  ): boolean {
    const context = this.#context;
    if (this.#out.size >= LIMITS.brokerAsksOut) return false;
    const askId = context.takeId();
    const deadlineMs = now.monotonicMs + timeoutMs + ANSWER_SLACK_MS;
    this.#out.set(askId, { deadlineMs, askedMs: now.monotonicMs, onAnswer });
    const { term } = context.leadership;
    if (via === null) context.emit({ kind: 'askBroker', askId, address, ask, timeoutMs });
    else
      context.emit({
        kind: 'send',
        to: via,
        message: { type: 'askBroker', term, askId, address, ask, timeoutMs },
      });
    return true;
  }

  /** The port's answer to a question of this node, whoever had asked for it. */
  answered(askId: number, answer: BrokerAnswer, now: Instant): void {
    const relayed = this.#relayed.get(askId);
    if (relayed === undefined) {
      this.#take(askId)?.(answer, now);
      return;
    }
    this.#relayed.delete(askId);
    const { term, askId: theirs } = relayed.question;
    this.#context.emit({
      kind: 'send',
      to: relayed.from,
      message: { type: 'brokerAnswered', term, askId: theirs, answer: shortened(answer) },
    });
  }

  /** The leader asks this node to try. Without an answer it takes the broker for silent, and asks again. */
  relay(from: NodeName, question: Extract<BrokerSetMessage, { type: 'askBroker' }>): void {
    const context = this.#context;
    const { leadership } = context;
    if (question.term < leadership.term || from !== leadership.leader) return;
    if (this.#relayed.size >= LIMITS.actionsRelayed) return;
    const askId = context.takeId();
    this.#relayed.set(askId, { from, question });
    const { address, ask, timeoutMs } = question;
    context.emit({ kind: 'askBroker', askId, address, ask, timeoutMs });
  }

  relayAnswered(message: Extract<BrokerSetMessage, { type: 'brokerAnswered' }>, now: Instant): void {
    if (message.term !== this.#context.leadership.term) return;
    this.#take(message.askId)?.(message.answer, now);
  }

  expire(now: Instant): void {
    for (const [askId, { deadlineMs, askedMs }] of this.#out) {
      if (now.monotonicMs < deadlineMs) continue;
      this.#take(askId)?.({ kind: 'silent', waitedMs: now.monotonicMs - askedMs }, now);
    }
  }

  /** The term is over: what still comes back belongs to nobody. */
  clear(): void {
    this.#out.clear();
    this.#relayed.clear();
  }

  #take(askId: number): OnAnswer | null {
    const entry = this.#out.get(askId);
    this.#out.delete(askId);
    return entry?.onAnswer ?? null;
  }
}

const shortened = (answer: BrokerAnswer): BrokerAnswer =>
  answer.kind === 'answered' && answer.epochs !== null
    ? { ...answer, epochs: answer.epochs.slice(-LIMITS.brokerEpochsPassedOn) }
    : answer;
