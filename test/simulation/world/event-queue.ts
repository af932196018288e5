/** What happens when: events by time, and in the order in which they were added where times are equal. */

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

export class EventQueue {
  /** A binary heap, earliest first. */
  readonly #heap: Event[] = [];
  #order = 0;

  add(atMs: number, run: () => void): void {
    const event = { atMs, order: this.#order++, run };
    const heap = this.#heap;
    let position = heap.push(event) - 1;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(event, above)) break;
      heap[position] = above;
      position = parent;
    }
    heap[position] = event;
  }

  /** The next event up to a time; null when there is none. */
  takeUntil(endMs: number): Event | null {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > endMs) return null;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let position = 0;
    for (;;) {
      let child = 2 * position + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (!isBefore(below, event)) break;
      heap[position] = below;
      position = child;
    }
    heap[position] = event;
  }
}

function isBefore(
  left: { readonly atMs: number; readonly order: number },
  right: { readonly atMs: number; readonly order: number },
): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
