/**
 * Answers that wait for news of a topic's broker groups, so that a client whose master is gone learns of the next one
 * when it reigns and not at its next question. News is a change after which something can be written: a client is not
 * kept busy with the steps on the way there. Invariant: nothing waits longer than it asked to. A node without a leader
 * holds answers as well: the next leader's first decision may be the news, and clients ask several nodes at once.
 */
import type { TierEvent } from '../../core/coordinator/effects.ts';
import { findTopic } from '../../core/metadata/queries.ts';
import type { NodeFace } from '../../core/node/face.ts';
import type { ClusterName, GroupKey, TopicName } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { reigningMaster } from '../../core/routing/group-standing.ts';

type Waiting = {
  readonly groups: ReadonlySet<GroupKey>;
  readonly after: number;
  readonly answer: () => void;
};

export class RouteNews {
  readonly #face: NodeFace;
  readonly #limit: number;
  readonly #waiting = new Set<Waiting>();
  /** When each group changed last, of those that did while this door was open. */
  readonly #changedAt = new Map<GroupKey, number>();
  readonly #unsubscribe: () => void;

  constructor(face: NodeFace, limit: number = LIMITS.routesHeld) {
    this.#face = face;
    this.#limit = limit;
    this.#unsubscribe = face.subscribe((event) => this.#note(event));
  }

  /** Answers that are held at this moment; never above the limit. */
  get held(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves once a group of the topic has changed later than `after` and one of them can be written to, or when the time
   * is over.
   */
  ofTopic(
    topic: { readonly cluster: ClusterName; readonly topic: TopicName },
    { after, holdMs }: { readonly after: number; readonly holdMs: number },
  ): Promise<void> {
    const found = findTopic(this.#face.state(), topic.cluster, topic.topic);
    const groups = new Set(found?.queues.map(({ group }) => group) ?? []);
    // Of a group that was not seen to change, any change of routes may have been its own.
    const revision = this.#face.routesRevision();
    const isNews = [...groups].some((group) => (this.#changedAt.get(group) ?? revision) > after);
    if ((isNews && this.#canBeWritten(groups)) || groups.size === 0 || this.#waiting.size >= this.#limit)
      return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = {
        groups,
        after,
        answer: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      const timer = setTimeout(waiting.answer, holdMs);
      this.#waiting.add(waiting);
    });
  }

  /** Answers everything that waits. */
  close(): void {
    this.#unsubscribe();
    for (const waiting of this.#waiting) waiting.answer();
  }

  #note(event: TierEvent): void {
    if (event.type !== 'routesChanged') return;
    this.#changedAt.set(event.group, event.index);
    if (this.#changedAt.size > LIMITS.groups) this.#forgetOldest();
    for (const waiting of this.#waiting) {
      // A node that is behind comes by what its client has heard of elsewhere: that is no news.
      if (
        event.index > waiting.after &&
        waiting.groups.has(event.group) &&
        this.#canBeWritten(waiting.groups)
      )
        waiting.answer();
    }
  }

  #canBeWritten(groups: ReadonlySet<GroupKey>): boolean {
    const declared = this.#face.state().groups;
    return [...groups].some((key) => {
      const group = declared.get(key);
      return group !== undefined && reigningMaster(group) !== null;
    });
  }

  /** Groups come and go over the years. */
  #forgetOldest(): void {
    const [oldest] = this.#changedAt.keys();
    if (oldest !== undefined) this.#changedAt.delete(oldest);
  }
}
