/** What clients were told: every write that was acknowledged under a promise, until an operator gave the promise up. */
import type { GroupKey } from '../../../src/core/primitives/identifiers.ts';

export type Acknowledged = {
  readonly id: string;
  readonly version: number;
  readonly waitCount: number;
  readonly server: string;
  readonly atMs: number;
};

export class Books {
  readonly #acknowledged = new Map<GroupKey, Map<string, Acknowledged>>();

  acknowledge(group: GroupKey, write: Acknowledged): void {
    const known = this.#acknowledged.get(group) ?? new Map<string, Acknowledged>();
    known.set(write.id, write);
    this.#acknowledged.set(group, known);
  }

  of(group: GroupKey): ReadonlyMap<string, Acknowledged> {
    return this.#acknowledged.get(group) ?? new Map();
  }

  /** An operator accepted that whatever was acknowledged so far may be lost. */
  giveUp(group: GroupKey): void {
    this.#acknowledged.delete(group);
  }
}
