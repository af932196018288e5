/**
 * Asks RocketMQ brokers. Every question has a connection of its own, made for it and closed after it: what comes back
 * is of now and of the process that has the port now, a refusal is told from a cut, and nothing that is late can be
 * taken for an answer to something else.
 *
 * Invariant: each question gets exactly one answer, by its deadline, and at most so many connections stand at once as the
 * limits say. One that was never sent is answered as a silence of 0 ms, which is evidence of nothing.
 */
import type { Socket } from 'node:net';
import type {
  BrokerAnswer,
  BrokerAsk,
  RocketmqPort,
} from '../../core/coordinator/broker-sets/rocketmq-port.ts';
import type { ClockPort } from '../../core/node/ports.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { IDLE_MS, RemotingConnection, type RequestOutcome } from '../../remoting/connection.ts';
import { endText } from '../../remoting/connection-end.ts';
import { RESPONSE } from '../../remoting/response-codes.ts';
import { answerOf, requestOf } from './broker-questions.ts';
import { dial, endpointOf } from './dial.ts';
import { ROCKETMQ_LIMITS } from './limits.ts';

export type RocketmqDriverPorts = { readonly clock: ClockPort };

const NEVER_SENT: BrokerAnswer = { kind: 'silent', waitedMs: 0 };

const BOUNDS = {
  frameBytes: ROCKETMQ_LIMITS.answerBytes,
  // Requests of ours are smaller than this together; a broker has nothing to ask of who only asks it.
  outgoingBytes: ROCKETMQ_LIMITS.answerBytes,
  served: 1,
  asked: 1,
  idleMs: IDLE_MS,
} as const;

const shortened = (error: string): string => error.slice(0, ROCKETMQ_LIMITS.errorCharacters);

export class RocketmqDriver implements RocketmqPort {
  readonly #clock: ClockPort;
  readonly #sockets = new Set<Socket>();
  /** Questions that are out, by the address of the broker. */
  readonly #out = new Map<string, number>();
  #outTogether = 0;
  #isClosed = false;

  constructor({ clock }: RocketmqDriverPorts) {
    this.#clock = clock;
  }

  async ask(address: string, ask: BrokerAsk, timeoutMs: number): Promise<BrokerAnswer> {
    const out = this.#out.get(address) ?? 0;
    const isFull = this.#outTogether >= LIMITS.brokerAsksOut || out >= ROCKETMQ_LIMITS.connectionsPerBroker;
    const endpoint = endpointOf(address);
    if (this.#isClosed || isFull || endpoint === null) return NEVER_SENT;
    this.#outTogether += 1;
    this.#out.set(address, out + 1);
    const answer = await this.#askOnNewConnection(endpoint, ask, timeoutMs);
    this.#outTogether -= 1;
    const left = (this.#out.get(address) ?? 1) - 1;
    if (left === 0) this.#out.delete(address);
    else this.#out.set(address, left);
    return answer;
  }

  /** What is out is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#sockets].map((socket) => {
        const gone = new Promise((resolve) => socket.once('close', resolve));
        socket.destroy();
        return gone;
      }),
    );
  }

  async #askOnNewConnection(
    endpoint: { readonly host: string; readonly port: number },
    ask: BrokerAsk,
    timeoutMs: number,
  ): Promise<BrokerAnswer> {
    const startedMs = this.#nowMs();
    const dialled = await dial(endpoint, timeoutMs, (socket) => this.#keep(socket));
    switch (dialled.kind) {
      case 'connected':
        if (this.#isClosed) return NEVER_SENT;
        return this.#askOn(dialled.socket, ask, startedMs, timeoutMs);
      case 'refused':
        return { kind: 'refused', error: shortened(dialled.error) };
      case 'unreachable':
        return this.#silence(startedMs);
      case 'notTried':
        return NEVER_SENT;
    }
  }

  async #askOn(socket: Socket, ask: BrokerAsk, startedMs: number, timeoutMs: number): Promise<BrokerAnswer> {
    const connection = new RemotingConnection(socket, BOUNDS, {
      onRequest: ({ code }) => ({
        code: RESPONSE.requestCodeNotSupported,
        remark: ` request type ${code} not supported`,
      }),
      onBug: () => undefined,
      onEnd: () => undefined,
    });
    const askedMs = this.#nowMs();
    const leftMs = Math.max(1, timeoutMs - (askedMs - startedMs));
    const outcome = await connection.request(requestOf(ask), leftMs);
    const answerMs = this.#nowMs() - askedMs;
    connection.destroy('its question is answered, or has waited long enough');
    return this.#judge(outcome, ask, { startedMs, answerMs });
  }

  #judge(
    outcome: RequestOutcome,
    ask: BrokerAsk,
    { startedMs, answerMs }: { readonly startedMs: number; readonly answerMs: number },
  ): BrokerAnswer {
    switch (outcome.kind) {
      case 'answered':
        return answerOf(ask, outcome.answer, answerMs);
      case 'ended':
        if (this.#isClosed) return NEVER_SENT;
        if (outcome.end.kind === 'idle') return this.#silence(startedMs);
        return { kind: 'disconnected', error: shortened(endText(outcome.end)) };
      case 'silent':
        return this.#silence(startedMs);
      case 'tooMany':
        return NEVER_SENT;
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** At least a moment was waited: 0 ms would mean that nothing was sent. */
  #silence(startedMs: number): BrokerAnswer {
    return { kind: 'silent', waitedMs: Math.max(1, this.#nowMs() - startedMs) };
  }

  #nowMs(): number {
    return this.#clock.now().monotonicMs;
  }
}
