/**
 * The tail of an old master that came back as a master still: what it wrote beyond the cut is put aside before it is
 * fenced, once for each process. It is never waited for: whatever keeps it from being read, and at the latest the time
 * limit of the action, the server is fenced next and the record says why the tail is not there.
 */
import type { ServerReport } from '../liveness/observation.ts';
import { findMove } from '../metadata/history.ts';
import type { BrokerGroup, KeptTail, Reign } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';
import { addStep } from './failover-record.ts';
import type { GroupRun } from './group-run.ts';
import type { SteerDone } from './steering-desk.ts';

const HONESTLY = 'an offset beyond the cut alone proves no loss: pings and expiry move it, too';

/** The reign that cut this process's own reign off, where it holds something beyond that. */
function cutOffBy(group: BrokerGroup, replica: ReplicaId, report: ServerReport): Reign | null {
  const own = group.reigns.findLastIndex(
    (reign) =>
      reign.master === replica &&
      reign.incarnation === report.incarnation &&
      reign.lineage === report.lineage,
  );
  const next = own < 0 ? undefined : group.reigns[own + 1];
  return next !== undefined && report.role === 'master' && report.offset > next.cut ? next : null;
}

/** True where the tail is being put aside, or is about to be; the server is fenced after that. */
export function keepsTail(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  replica: ReplicaId,
  now: Instant,
): boolean {
  const report = context.book.of({ group: group.key, replica })?.answered?.report;
  if (group.kind !== 'redis' || report === undefined) return false;
  const reign = cutOffBy(group, replica, report);
  if (reign === null || run.tailsTried.get(replica) === report.incarnation) return false;
  const { incarnation: expectedIncarnation, lineage } = report;
  const action = {
    kind: 'keepTail',
    expectedIncarnation,
    lineage,
    cut: reign.cut,
    epoch: reign.epoch,
  } as const;
  context.steer(group, run, replica, action, now);
  return true;
}

function textOf(tail: KeptTail): string {
  const { replica, node, file, bytes, cut, offset, writes, perhapsExpiries, others, complete } = tail;
  const whole = complete ? '' : ` of ${offset - cut}`;
  return (
    `${replica} held ${bytes}${whole} bytes beyond the cut ${cut}: ${writes} writes, ${perhapsExpiries} deletions that may be ` +
    `expiries, ${others} other commands; kept on ${node} as ${file} (${HONESTLY})`
  );
}

/** Takes the outcome in; whatever it is, the server is not asked for its tail again. */
export function tailSteered(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  { ref, action, outcome }: SteerDone,
  now: Instant,
): void {
  if (action.kind !== 'keepTail') return;
  run.tailsTried.set(ref.replica, action.expectedIncarnation);
  const record = findMove(context.state(), group.key, action.epoch);
  if (outcome.kind === 'tailKept') {
    const { tail } = outcome;
    context.log('warn', 'failover.tailKept', { group: group.key, epoch: action.epoch, ...tail });
    if (record === null) return;
    const detail = textOf(tail);
    context.emit({
      kind: 'propose',
      command: { type: 'history.keepTail', recordId: record.id, tail, detail, wallMs: now.wallMs },
      asker: null,
    });
    return;
  }
  const why = outcome.kind === 'failed' ? outcome.detail : 'it did not say';
  const detail = `the tail of ${ref.replica} beyond the cut ${action.cut} was not kept: ${why}; it was fenced all the same`;
  addStep(context, record, { step: 'tailNotKept', detail, measuredLossBytes: null }, now);
}
