/** What follows from the list of declared groups: whom to probe, and what to tell those who wait for news. */
import type { CommandType } from '../metadata/command.ts';
import { masterOf } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';
import type { WatchTarget } from './effects.ts';

/** Every replica of every group; evidence of groups that are gone is dropped on the way. */
export function watchTargets(context: Context, now: Instant): WatchTarget[] {
  const { groups } = context.state();
  const targets: WatchTarget[] = [];
  for (const group of groups.values()) {
    if (!context.watchingSinceMs.has(group.key)) context.watchingSinceMs.set(group.key, now.monotonicMs);
    for (const { id, endpoints } of group.replicas) {
      targets.push({
        group: group.key,
        replica: id,
        address: endpoints.client,
        kind: group.kind,
        detectionMs: group.detectionMs,
        replicationAddress: endpoints.replication,
        watchOnly: group.watchOnly,
      });
    }
  }
  for (const key of [...context.watchingSinceMs.keys()])
    if (!groups.has(key)) context.watchingSinceMs.delete(key);
  for (const { ref } of [...context.book.entries()]) if (!groups.has(ref.group)) context.book.forget(ref);
  context.vantages.keepOnly(groups);
  return targets;
}

const PHASE_COMMANDS: ReadonlySet<CommandType> = new Set([
  'group.add',
  'group.fence',
  'group.promote',
  'group.activate',
  'group.observe',
  'group.take',
]);

/** Published on every node, as each of them applies the same command. */
export function announceGroup(context: Context, type: CommandType, group: BrokerGroup, index: number): void {
  const phase = group.phase.kind;
  const epoch = group.phase.kind === 'active' ? group.epoch : group.phase.epoch;
  if (PHASE_COMMANDS.has(type)) {
    const master = masterOf(group)?.id ?? null;
    context.emit({
      kind: 'publish',
      event: { type: 'groupPhase', index, group: group.key, phase, epoch, master },
    });
    context.log('info', `group.${phase}`, { group: group.key, epoch, master });
  }
  context.emit({ kind: 'publish', event: { type: 'routesChanged', index, group: group.key, epoch } });
}
