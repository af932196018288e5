/**
 * What was committed about each group, from the first moment on at which any node had applied it: every sync set by its
 * version, every promotion by its epoch. It reads the replicated state as values and judges nothing.
 */
import type { BrokerGroup, MetadataState, SyncRule } from '../../../../src/core/metadata/state.ts';
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';

export type CommittedSet = {
  readonly version: number;
  readonly epoch: number;
  /** Run id of each member, by its id. */
  readonly members: ReadonlyMap<string, string>;
  readonly waitCount: number;
};

export type CommittedPromotion = {
  readonly epoch: number;
  readonly candidate: string;
  readonly runId: string;
  readonly cut: bigint;
  readonly set: CommittedSet;
  readonly unsafe: boolean;
};

export class CommittedGroup {
  readonly sets = new Map<number, CommittedSet>();
  readonly promotions: CommittedPromotion[] = [];
  /** Sync sets below this version were given up by an operator's word. */
  givenUpBelow = 0;
  now: BrokerGroup;
  #isUnsafe = false;

  constructor(group: BrokerGroup) {
    this.now = group;
  }

  takeNote(group: BrokerGroup): void {
    this.now = group;
    for (const set of group.syncSets) {
      if (this.sets.has(set.version)) continue;
      this.sets.set(set.version, {
        version: set.version,
        epoch: set.epoch,
        members: new Map(set.members.map(({ replica, incarnation }) => [replica, incarnation])),
        waitCount: waitCount(set.rule, set.members.length),
      });
    }
    const { phase } = group;
    if (phase.kind === 'fencing') this.#isUnsafe = phase.unsafe;
    const set = this.newest();
    if (phase.kind !== 'promoting' || set === null || this.promotions.at(-1)?.epoch === phase.epoch) return;
    const { epoch, candidate, incarnation: runId, cut } = phase;
    this.promotions.push({ epoch, candidate, runId, cut, set, unsafe: this.#isUnsafe });
    if (this.#isUnsafe) this.givenUpBelow = set.version;
  }

  newest(): CommittedSet | null {
    return this.sets.get(this.now.syncSets.at(-1)?.version ?? -1) ?? null;
  }
}

const waitCount = (rule: SyncRule, members: number): number => (rule.kind === 'allOf' ? members : rule.k);

export class CommittedGroups {
  readonly #groups = new Map<GroupKey, CommittedGroup>();
  readonly #listeners: ((key: GroupKey, before: CommittedSet | null, group: CommittedGroup) => void)[] = [];

  of(key: GroupKey): CommittedGroup | null {
    return this.#groups.get(key) ?? null;
  }

  /** Called for every change of a group, with the sync set that was the newest before. */
  onChange(listener: (key: GroupKey, before: CommittedSet | null, group: CommittedGroup) => void): void {
    this.#listeners.push(listener);
  }

  takeNote(state: MetadataState): void {
    for (const [key, group] of state.groups) {
      const known = this.#groups.get(key) ?? new CommittedGroup(group);
      if (this.#groups.has(key) && known.now === group) continue;
      const before = known.newest();
      known.takeNote(group);
      this.#groups.set(key, known);
      for (const listener of this.#listeners) listener(key, before, known);
    }
  }
}
