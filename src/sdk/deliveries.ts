/**
 * What one consumer is handling, and what it has handled but not yet acknowledged. It is the memory that outlives a
 * broken connection: an entry that is read again after a failover is neither handled twice at a time nor handled
 * again because only its acknowledgement was lost.
 */
import { SDK_LIMITS } from './limits.ts';
import { backoffMs, pause } from './pause.ts';
import type { SdkListener } from './sdk-event.ts';
import type { ReceivedMessage } from './stream-message.ts';

/** Where an entry is; the same after a failover, because Streams are replicated with their ids. */
export type Place = { readonly group: string; readonly queue: number; readonly entryId: string };

export type Delivery = ReceivedMessage & Place & { readonly topic: string };

export type Handler = (message: Delivery) => void | Promise<void>;

export type DeliveriesSettings = {
  readonly maxInFlight: number;
  readonly handler: Handler;
  /** True when the broker took the acknowledgement of an entry that was pending. Never rejects. */
  readonly acknowledge: (place: Place) => Promise<boolean>;
  readonly onEvent: SdkListener;
};

const placeKey = ({ group, queue, entryId }: Place): string => `${group}/${queue}/${entryId}`;

export class Deliveries {
  readonly #settings: DeliveriesSettings;
  readonly #running = new Map<string, Promise<void>>();
  readonly #handled = new Set<string>();
  /** Last handler of each queue of an ordered topic. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #freed: (() => void)[] = [];

  constructor(settings: DeliveriesSettings) {
    this.#settings = settings;
  }

  get free(): number {
    return Math.max(0, this.#settings.maxInFlight - this.#running.size);
  }

  /**
   * Hands one entry to the handler once there is room for it; resolves when that has begun, or when nothing is to be
   * done. `ordered`: only after the entries of the same queue that were offered before it.
   */
  async offer(delivery: Delivery, ordered: boolean): Promise<void> {
    const key = placeKey(delivery);
    while (this.free === 0 && !this.#running.has(key) && !this.#closing.signal.aborted) {
      await new Promise<void>((resolve) => this.#freed.push(resolve));
    }
    if (this.#closing.signal.aborted || this.#running.has(key)) return;
    if (this.#handled.has(key)) {
      await this.#acknowledge(delivery);
      return;
    }
    const queueKey = `${delivery.group}/${delivery.queue}`;
    const before = ordered ? this.#tails.get(queueKey) : undefined;
    const run = this.#run(delivery, ordered, before).finally(() => {
      this.#running.delete(key);
      if (this.#tails.get(queueKey) === run) this.#tails.delete(queueKey);
      for (const resolve of this.#freed.splice(0)) resolve();
    });
    this.#running.set(key, run);
    if (ordered) this.#tails.set(queueKey, run);
  }

  /** Begins nothing more and waits for the handlers that run, for at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort();
    for (const resolve of this.#freed.splice(0)) resolve();
    const drained = new AbortController();
    void Promise.allSettled(this.#running.values()).then(() => drained.abort());
    await pause(timeoutMs, drained.signal);
  }

  async #run(delivery: Delivery, ordered: boolean, before: Promise<void> | undefined): Promise<void> {
    await before;
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      try {
        await this.#settings.handler(delivery);
        this.#rememberHandled(placeKey(delivery));
        await this.#acknowledge(delivery);
        return;
      } catch (error) {
        const { id, group, queue } = delivery;
        this.#settings.onEvent({ type: 'handlerFailed', id, group, queue, error });
      }
      // Without order the entry stays pending and is read again later; with order nothing may pass it.
      if (!ordered) return;
      await pause(backoffMs(attempt), this.#closing.signal);
    }
  }

  /** Kept in mind while the broker did not confirm it: the entry may then be delivered again. */
  async #acknowledge(delivery: Delivery): Promise<void> {
    if (await this.#settings.acknowledge(delivery)) this.#handled.delete(placeKey(delivery));
  }

  #rememberHandled(key: string): void {
    this.#handled.add(key);
    const [oldest] = this.#handled;
    if (this.#handled.size > SDK_LIMITS.unacknowledgedHandled && oldest !== undefined)
      this.#handled.delete(oldest);
  }
}
