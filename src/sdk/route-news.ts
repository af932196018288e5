/**
 * Hearing at once of a master's successor. While a write is overdue, and while an attempt waits for its turn, nodes are
 * asked to say when something about the topic's groups changes; nothing is asked while all is well.
 */
import type { RouteAnswer } from '../contract/routes.ts';
import { SDK_LIMITS } from './limits.ts';
import { backoffMs, pause } from './pause.ts';
import type { RouteClient } from './route-client.ts';

export class RouteNews {
  readonly #routes: RouteClient;
  readonly #onNews: (route: RouteAnswer) => void;
  readonly #closing: AbortSignal;
  /** Writes that are overdue, by topic; those with any are followed. */
  readonly #overdue = new Map<string, number>();
  /** Attempts that wait for their turn, by topic. */
  readonly #pausing = new Map<string, number>();
  readonly #told = new WeakSet<RouteAnswer>();
  readonly #followed = new Set<string>();

  constructor(routes: RouteClient, onNews: (route: RouteAnswer) => void, closing: AbortSignal) {
    this.#routes = routes;
    this.#onNews = onNews;
    this.#closing = closing;
  }

  /** What the write settles to. Once that takes long, news of its topic are waited for beside it. */
  async during<Value>(topic: string, write: Promise<Value>): Promise<Value> {
    let isOverdue = false;
    const timer = setTimeout(() => {
      isOverdue = true;
      this.#count(topic, 1);
    }, SDK_LIMITS.newsAfterMs);
    try {
      return await write;
    } finally {
      clearTimeout(timer);
      if (isOverdue) this.#count(topic, -1);
    }
  }

  /** A pause before another attempt, cut short by news of the topic. */
  async pause(topic: string, durationMs: number): Promise<void> {
    const heard = new AbortController();
    add(this.#pausing, topic, 1);
    void this.#ask(topic).then((route) => {
      if (route === null) return;
      this.#tell(route);
      heard.abort();
    });
    await pause(durationMs, AbortSignal.any([this.#closing, heard.signal]));
    add(this.#pausing, topic, -1);
  }

  #ask(topic: string): Promise<RouteAnswer | null> {
    const isWanted = () => !this.#closing.aborted && (this.#pausing.has(topic) || this.#overdue.has(topic));
    return this.#routes.news(topic, isWanted);
  }

  /** Many may wait for the same answer. */
  #tell(route: RouteAnswer): void {
    if (this.#told.has(route)) return;
    this.#told.add(route);
    this.#onNews(route);
  }

  #count(topic: string, change: 1 | -1): void {
    add(this.#overdue, topic, change);
    if (this.#overdue.has(topic) && !this.#followed.has(topic)) void this.#follow(topic);
  }

  async #follow(topic: string): Promise<void> {
    this.#followed.add(topic);
    let fruitless = 0;
    while (this.#overdue.has(topic) && !this.#closing.aborted) {
      const askedAtMs = performance.now();
      const route = await this.#ask(topic);
      if (route !== null) this.#tell(route);
      // A question that was held is its own pause; nodes that cannot say are asked less and less often.
      const wasHeld = performance.now() - askedAtMs > SDK_LIMITS.backoffLongestMs;
      fruitless = route !== null || wasHeld ? 0 : fruitless + 1;
      if (fruitless > 0) await pause(backoffMs(fruitless), this.#closing);
    }
    this.#followed.delete(topic);
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}
