/**
 * Bytes of the bodies of requests that wait for their answers, over all connections: registrations wait for commits, and
 * when a whole cluster comes back all of its brokers send all of their topics at once. Who comes beyond is told that the
 * server is busy; brokers come again.
 */
import { LIMITS } from '../../core/primitives/limits.ts';
import { RESPONSE } from '../../remoting/response-codes.ts';
import { type Answer, failure } from './answer.ts';

const BUSY = failure(RESPONSE.systemBusy, '[OVERLOAD]system busy, start flow control for a while');

export class ServedBytes {
  readonly #most: number;
  #held = 0;

  constructor(most: number = LIMITS.rocketmqServedBytes) {
    this.#most = most;
  }

  get held(): number {
    return this.#held;
  }

  /** What `run` answers, while the bytes of its request are held. */
  serve(bytes: number, run: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (bytes > 0 && this.#held + bytes > this.#most) return BUSY;
    this.#held += bytes;
    const isOver = (): void => {
      this.#held -= bytes;
    };
    let answer: Answer | Promise<Answer>;
    try {
      answer = run();
    } catch (cause) {
      isOver();
      throw cause;
    }
    if (answer instanceof Promise) return answer.finally(isOver);
    isOver();
    return answer;
  }
}
