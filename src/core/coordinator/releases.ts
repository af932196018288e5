/**
 * Giving the servers of a removed group back as ordinary ones: once the removal is committed, each server once, as
 * soon as no other action is out on it. Best effort: where a server cannot be reached its operator has a line to read.
 */
import { findGroup } from '../metadata/queries.ts';
import type { BrokerGroup, Replica } from '../metadata/state.ts';
import type { GroupKey } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';

export type Releases = ReturnType<typeof createReleases>;

export function createReleases(context: Context) {
  /** By what this leader was asked to remove; at most one entry a declared group. */
  const proposed = new Map<GroupKey, BrokerGroup>();
  let waiting: { readonly group: BrokerGroup; readonly server: Replica }[] = [];

  const issue = (group: BrokerGroup, { id, endpoints }: Replica, now: Instant): boolean => {
    const where = {
      ref: { group: group.key, replica: id },
      address: endpoints.client,
      broker: group.kind,
    };
    const via = context.viaFor(group, id, now);
    const at = { term: context.leadership.term, nowMs: now.monotonicMs, via, phaseKey: 'removed' };
    const effect = context.desk.issue(where, { kind: 'release' }, at, (outcome) => {
      if (outcome.kind !== 'failed') return;
      context.log('warn', 'group.notReleased', { group: group.key, replica: id, why: outcome.detail });
    });
    if (effect !== null) context.emit(effect);
    return effect !== null;
  };

  const proceed = (now: Instant): void => {
    if (waiting.length === 0 || !context.leads(now)) return;
    waiting = waiting.filter(({ group, server }) => {
      // Declared again meanwhile: it is not ours to give back any more.
      if (findGroup(context.state(), group.key) !== null) return false;
      return !issue(group, server, now);
    });
  };

  return {
    removalProposed: (group: BrokerGroup | null): void => {
      if (group !== null) proposed.set(group.key, group);
    },
    removalRefused: (key: GroupKey): void => {
      proposed.delete(key);
    },
    /** To be called before evidence of the group is dropped: it says through which node a server is reached. */
    removed(key: GroupKey, now: Instant): void {
      const group = proposed.get(key);
      proposed.delete(key);
      if (group === undefined) return;
      waiting.push(...group.replicas.map((server) => ({ group, server })));
      proceed(now);
    },
    proceed,
    clear(): void {
      proposed.clear();
      waiting = [];
    },
  };
}
