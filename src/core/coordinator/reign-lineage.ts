/**
 * A master that goes on under another replication id. Somebody has ordered it past pollux to fail over, and its target lets
 * nobody in, so that it is a master again, of a history by another name. Its slaves follow it there, and as long as that
 * name is not committed nothing that they hold could prove anything once the master is gone.
 */
import { continuationOf } from '../failover/history-place.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';
import type { GroupRun } from './group-run.ts';

/** Proposes the new name; true where it did. */
export function noteLineage(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): boolean {
  const reign = must(group.reigns.at(-1), 'an active group has a reign');
  const report = context.book.of({ group: group.key, replica: reign.master })?.answered?.report;
  if (report?.role !== 'master') return false;
  const continuation = continuationOf(reign, reign.master, report);
  if (continuation === null) return false;
  const { lineage, cut } = continuation;
  context.log('warn', 'reign.lineageChanged', { group: group.key, replica: reign.master, lineage, cut });
  const { incarnation, lineage: formerLineage, epoch } = reign;
  context.propose(
    run,
    { type: 'group.noteLineage', key: group.key, epoch, incarnation, formerLineage, lineage, cut },
    now,
  );
  return true;
}
