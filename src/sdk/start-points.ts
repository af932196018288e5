/**
 * From which entry id the consumer group of a queue is made where a master lacks it. Nothing may be skipped: an id
 * that was read off one reign's stream means nothing in the next, which may have lost a tail and numbered on from
 * before it; and a group that existed once may have been anywhere. Both are then read from the beginning.
 */
export type StartFrom = 'first' | 'latest';

const BEGINNING = '0';

export class StartPoints {
  readonly #startFrom: StartFrom;
  /** Bounded by the queues of the topic. */
  readonly #points = new Map<string, { readonly id: string; readonly epoch: number | null }>();

  constructor(startFrom: StartFrom) {
    this.#startFrom = startFrom;
  }

  /** `newestId` is asked only for a queue that is seen for the first time and to be read from the latest entry. */
  async pointOf(
    group: string,
    queue: number,
    epoch: number,
    newestId: () => Promise<string>,
  ): Promise<string> {
    if (this.#startFrom === 'first') return BEGINNING;
    const known = this.#points.get(`${group}/${queue}`);
    if (known !== undefined) return known.epoch === epoch ? known.id : BEGINNING;
    const id = await newestId();
    this.#points.set(`${group}/${queue}`, { id, epoch });
    return id;
  }

  /** The group was there already, made by somebody else or in an earlier life. */
  existed(group: string, queue: number): void {
    const known = this.#points.get(`${group}/${queue}`);
    if (known === undefined || known.epoch !== null)
      this.#points.set(`${group}/${queue}`, { id: BEGINNING, epoch: null });
  }
}
