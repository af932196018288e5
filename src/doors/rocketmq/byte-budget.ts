/**
 * Bytes of requests that have not arrived completely or wait for their answer, over all connections of the door. Each
 * connection alone may send a frame of the protocol's full length; nobody may hold that much memory by opening many of
 * them.
 */
import { LIMITS } from '../../core/primitives/limits.ts';

export class ByteBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number = LIMITS.rocketmqIncomingBytes) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** A connection's share of it. */
  share(): ByteShare {
    let own = 0;
    let isPassing = false;
    return {
      arrived: (bytes) => {
        if (isPassing) return true;
        own += bytes;
        this.#used += bytes;
        return this.#used <= this.#most;
      },
      passOver: () => {
        this.#used -= own;
        own = 0;
        isPassing = true;
      },
      taken: () => {
        isPassing = false;
        let held = own;
        own = 0;
        return () => {
          this.#used -= held;
          held = 0;
        };
      },
    };
  }
}

export type ByteShare = {
  /** False where there is no room for so much; the connection has to end. */
  arrived(bytes: number): boolean;
  /** What arrived of a request was dropped, and what still comes of it is dropped, too. */
  passOver(): void;
  /** A request is complete, or the connection has ended; what had arrived by then is held until the answer is called. */
  taken(): () => void;
};

/** What `run` gives; `release` is called once that is there, or has failed. */
export function heldUntil<Value>(
  release: () => void,
  run: () => Value | Promise<Value>,
): Value | Promise<Value> {
  let given: Value | Promise<Value>;
  try {
    given = run();
  } catch (cause) {
    release();
    throw cause;
  }
  if (given instanceof Promise) given.then(release, release);
  else release();
  return given;
}
