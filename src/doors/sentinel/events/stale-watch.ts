/**
 * Who listens to a node that is cut off hears of no switch and does not know it. Once the node could not confirm for a
 * bounded time that it is current, it ends the connections of its subscribers, as a Sentinel that is restarted does, and
 * they go to another node; new subscriptions it refuses from the first moment on.
 */
import type { NodeFace } from '../../../core/node/face.ts';
import type { ClockPort } from '../../../core/node/ports.ts';

export const LOOK_INTERVAL_MS = 250;

/**
 * So many election timeouts, and never less than the shortest time. Another leader is there after two or three timeouts,
 * and a vote that is split costs two more: an election must not drive all subscribers of the tier about, because some
 * clients come back to a node only a minute later, and meanwhile do not listen to it.
 */
const ELECTION_TIMEOUTS = 10;
const SHORTEST_PATIENCE_MS = 5_000;

export const subscriberPatienceMs = (electionTimeoutMs: number): number =>
  Math.max(SHORTEST_PATIENCE_MS, ELECTION_TIMEOUTS * electionTimeoutMs);

export type StaleWatchPorts = {
  readonly face: Pick<NodeFace, 'isCurrent'>;
  readonly clock: ClockPort;
  readonly patienceMs: number;
  /** Answers how many there were. */
  readonly endSubscribers: () => number;
  readonly onEnded: (subscribers: number, staleMs: number) => void;
};

export class StaleWatch {
  readonly #ports: StaleWatchPorts;
  #staleMs = 0;
  #lookedMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(ports: StaleWatchPorts) {
    this.#ports = ports;
    this.#lookedMs = ports.clock.now().monotonicMs;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  look(): void {
    const { face, clock, patienceMs, endSubscribers, onEnded } = this.#ports;
    const nowMs = clock.now().monotonicMs;
    // A process that stood still hears the news as soon as it goes on, and tells it: that time does not count.
    const sinceMs = Math.min(nowMs - this.#lookedMs, 2 * LOOK_INTERVAL_MS);
    this.#lookedMs = nowMs;
    this.#staleMs = face.isCurrent() ? 0 : this.#staleMs + sinceMs;
    if (this.#staleMs < patienceMs) return;
    const ended = endSubscribers();
    if (ended > 0) onEnded(ended, this.#staleMs);
  }
}
