/**
 * Giving the servers of a removed group back as ordinary ones: once the removal is applied, each server once, as soon
 * as no other action is out on it. Every node notes them for a while, for the node that proposed the removal need not
 * be the one that leads when it is committed. Best effort: where a server cannot be reached its operator has a line to
 * read.
 */
import { addressesOf } from '../metadata/commands/group-add.ts';
import type { BrokerGroup, Replica } from '../metadata/state.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';

/** Longer than it takes to elect another leader; a server that was given back already loses nothing by it. */
const NOTED_FOR_MS = 15_000;

type Release = { readonly group: BrokerGroup; readonly server: Replica; readonly untilMs: number };

export type Releases = ReturnType<typeof createReleases>;

export function createReleases(context: Context) {
  let waiting: Release[] = [];

  const fails = ({ group, server }: Release, why: string): void =>
    context.log('warn', 'group.notReleased', { group: group.key, replica: server.id, why });

  const issue = (release: Release, now: Instant): boolean => {
    const { group, server } = release;
    const where = {
      ref: { group: group.key, replica: server.id },
      address: server.endpoints.client,
      broker: group.kind,
    };
    const via = context.viaFor(group, server.id, now);
    const at = { term: context.leadership.term, nowMs: now.monotonicMs, via, phaseKey: 'removed' };
    const effect = context.desk.issue(where, { kind: 'release' }, at, (outcome) => {
      if (outcome.kind === 'failed') fails(release, outcome.detail);
    });
    if (effect !== null) context.emit(effect);
    return effect !== null;
  };

  /**
   * Declared again meanwhile, under whatever name: it is not ours to give back any more. A group of the same name may
   * be watch-only, or spell the address in another way.
   */
  const isDeclared = ({ group, server }: Release): boolean => {
    const { groups } = context.state();
    if (groups.has(group.key)) return true;
    const addresses = addressesOf(server.endpoints);
    const isIt = ({ endpoints }: Replica): boolean =>
      addressesOf(endpoints).some((address) => addresses.includes(address));
    return [...groups.values()].some(({ replicas }) => replicas.some(isIt));
  };

  const isOver = (release: Release, now: Instant): boolean => {
    if (!isDeclared(release)) return issue(release, now);
    fails(release, 'declared again meanwhile');
    return true;
  };

  const proceed = (now: Instant): void => {
    if (waiting.length === 0) return;
    waiting = waiting.filter(({ untilMs }) => now.monotonicMs < untilMs);
    if (!context.leads(now)) return;
    waiting = waiting.filter((release) => !isOver(release, now));
  };

  return {
    /** To be called before evidence of the group is dropped: it says through which node a server is reached. */
    removed(group: BrokerGroup, now: Instant): void {
      // Nothing was taken.
      if (group.watchOnly) return;
      const untilMs = now.monotonicMs + NOTED_FOR_MS;
      waiting.push(...group.replicas.map((server) => ({ group, server, untilMs })));
      const tooMany = waiting.length - LIMITS.releasesWaiting;
      for (const release of waiting.splice(0, Math.max(0, tooMany))) fails(release, 'too many others wait');
      proceed(now);
    },
    proceed,
  };
}
