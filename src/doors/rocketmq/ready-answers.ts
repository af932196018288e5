/**
 * Answers that many ask for, ready to be sent: the door's busiest path. What was made is sent again for as long as
 * nothing that many routes depend on was changed, and nothing of the one topic that it is about. Invariant: what is kept
 * is bounded in number and bytes, and the oldest goes first.
 */
import type { MetadataState } from '../../core/metadata/state.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import type { Answer } from './answer.ts';

/** Around the body: the key, the remark, and what the map itself takes. */
const BYTES_BESIDE_BODY = 512;

type Kept = { readonly about: unknown; readonly answer: Answer; readonly bytes: number };

export class ReadyAnswers {
  readonly #mostBytes: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  #revision = -1;

  constructor(mostBytes: number = LIMITS.rocketmqReadyAnswerBytes) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The answer kept under `key`, or what `make` gives. `about`: the value of the state that it depends on beside what
   * `brokersRevision` stands for; it is another value as soon as it has changed.
   */
  answer(
    { brokersRevision }: Pick<MetadataState, 'brokersRevision'>,
    key: string,
    about: unknown,
    make: () => Answer,
  ): Answer {
    if (brokersRevision !== this.#revision) {
      this.#kept.clear();
      this.#bytes = 0;
      this.#revision = brokersRevision;
    }
    const ready = this.#kept.get(key);
    if (ready !== undefined && ready.about === about) return ready.answer;
    const answer = make();
    this.#keep(key, { about, answer, bytes: bytesOf(key, answer) });
    return answer;
  }

  #keep(key: string, made: Kept): void {
    this.#drop(key);
    if (made.bytes > this.#mostBytes) return;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes + made.bytes <= this.#mostBytes) break;
      this.#drop(oldest);
    }
    this.#kept.set(key, made);
    this.#bytes += made.bytes;
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}

const bytesOf = (key: string, { body }: Answer): number =>
  (body?.length ?? 0) + key.length * 2 + BYTES_BESIDE_BODY;
