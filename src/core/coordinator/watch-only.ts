/**
 * A group that somebody else steers, Sentinels as a rule. It is judged as any other, and followed: whoever is seen to
 * reign is taken over by a committed observation, with those that hold its data as the sync set that the judgement goes
 * by. Nothing is ever asked of its servers but what probes ask.
 */
import type { ServerRead } from '../failover/coverage.ts';
import { ruleFor } from '../failover/write-rule.ts';
import { activeSyncSet, findReplica } from '../metadata/queries.ts';
import type { BrokerGroup, ReplicaIncarnation } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import { epoch, type ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { ConfirmationProbes } from './confirmation.ts';
import type { Context } from './context.ts';
import type { GroupRun } from './group-run.ts';
import { judgeMaster, noteFloor, reachableReads } from './judge-master.ts';
import { noteLineage } from './reign-lineage.ts';

/** A member that is away for shorter than this is still one: a link that flaps is not written down each time. */
const MEMBER_KEPT_MS = 10_000;

export function superviseWatched(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  run: GroupRun,
  now: Instant,
): void {
  if (context.awaitsProposal(run, now)) return;
  const reads = reachableReads(context, group, run, now, null);
  if (group.phase.kind !== 'active') {
    // Every node gets the time to hear all of them: two that call themselves master are no master.
    if (now.monotonicMs - run.phaseSinceMs < group.detectionMs) return;
    const first = soleMaster(reads.filter(isMaster));
    if (first !== null) observe(context, group, run, first, reads, now);
    return;
  }
  noteFloor(context, group, run);
  const inDoubt = judgeMaster(context, probes, group, run, now);
  if (context.awaitsProposal(run, now)) return;
  const successor = successorIn(group, run, reads);
  if (successor !== null) {
    observe(context, group, run, successor, reads, now);
    return;
  }
  if (inDoubt || noteLineage(context, group, run, now)) return;
  const reigning = reads.find((read) => reigns(group, read));
  if (reigning !== undefined && hasChanged(context, group, run, reigning, reads, now))
    observe(context, group, run, reigning, reads, now);
}

const isMaster = ({ report }: ServerRead): boolean => report.role === 'master' && !report.loading;

/** The process whose reign is known, still a master. */
const reigns = (group: BrokerGroup, read: ServerRead): boolean => {
  const reign = group.reigns.at(-1);
  return isMaster(read) && read.replica === reign?.master && read.report.incarnation === reign.incarnation;
};

/** The only one; of several, the only one that others follow. */
function soleMaster(masters: readonly ServerRead[]): ServerRead | null {
  const followed = masters.filter(({ report }) => report.connectedSlaves > 0);
  const [only, second] = followed.length > 0 ? followed : masters;
  return only !== undefined && second === undefined ? only : null;
}

/**
 * Who reigns instead. As long as the known master does, nobody: whoever else calls itself one has been forgotten, or is
 * about to be turned round. Its own restart is a new reign once it was judged as what it is, a death.
 */
function successorIn(group: BrokerGroup, run: GroupRun, reads: readonly ServerRead[]): ServerRead | null {
  if (reads.some((read) => reigns(group, read))) return null;
  const masters = reads.filter(isMaster);
  const others = masters.filter(({ replica }) => replica !== group.master);
  const lineage = group.reigns.at(-1)?.lineage;
  const next = soleMaster(
    others.filter(
      ({ report }) =>
        report.connectedSlaves > 0 || report.lineage === lineage || report.secondLineage === lineage,
    ),
  );
  if (next !== null || others.length > 0) return next;
  const isJudged = run.note !== null && run.round === null;
  return isJudged ? (masters.find(({ replica }) => replica === group.master) ?? null) : null;
}

/** Who holds the master's data: attached and in step, or not away for long. */
function membersOf(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: ServerRead,
  reads: readonly ServerRead[],
  now: Instant,
): ReplicaIncarnation[] {
  const kept = group.master === master.replica ? (activeSyncSet(group)?.members ?? []) : [];
  return group.replicas.flatMap(({ id }) => {
    if (id === master.replica) return [];
    const report = reads.find(({ replica }) => replica === id)?.report;
    const follows = report?.follows ?? null;
    if (report !== undefined && follows?.linkUp === true && !follows.syncing && !report.loading) {
      if (report.lineage === master.report.lineage) return [{ replica: id, incarnation: report.incarnation }];
    }
    const member = kept.find(({ replica }) => replica === id);
    if (member === undefined || (report !== undefined && report.incarnation !== member.incarnation))
      return [];
    const linkedMs = context.book.of({ group: group.key, replica: id })?.linkedAtMs ?? 0;
    const awayMs = now.monotonicMs - Math.max(linkedMs, run.phaseSinceMs);
    return awayMs < MEMBER_KEPT_MS ? [{ replica: id, incarnation: member.incarnation }] : [];
  });
}

const siteOf = (group: BrokerGroup, id: ReplicaId) =>
  must(findReplica(group, id), `${id} is a replica of ${group.key}`).site;

const ruleOf = (group: BrokerGroup, master: ReplicaId, members: readonly ReplicaIncarnation[]) =>
  ruleFor({
    policy: group.policy,
    onShortage: group.onShortage,
    masterSite: siteOf(group, master),
    declaredSlaves: group.replicas.length - 1,
    members: members.map(({ replica }) => ({ replica, site: siteOf(group, replica) })),
  });

const wordOf = (members: readonly ReplicaIncarnation[], rule: unknown): string =>
  JSON.stringify([members.map(({ replica, incarnation }) => [replica, incarnation]).sort(), rule]);

function hasChanged(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: ServerRead,
  reads: readonly ServerRead[],
  now: Instant,
): boolean {
  const set = activeSyncSet(group);
  const members = membersOf(context, group, run, master, reads, now);
  const { rule } = ruleOf(group, master.replica, members);
  return set === null || wordOf(members, rule) !== wordOf(set.members, set.rule);
}

function observe(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: ServerRead,
  reads: readonly ServerRead[],
  now: Instant,
): void {
  const { replica, report } = master;
  const isKnown = group.phase.kind === 'active' && reigns(group, master);
  const members = membersOf(context, group, run, master, reads, now);
  const { rule, degraded } = ruleOf(group, replica, members);
  const next = group.phase.kind === 'active' ? epoch(group.epoch + 1) : group.phase.epoch;
  const names = members.map((member) => member.replica).join(', ');
  const detail = `${replica} is seen to reign at offset ${report.offset}, followed by ${names || 'nobody'}`;
  context.log('info', 'group.observed', { group: group.key, detail });
  context.propose(
    run,
    {
      type: 'group.observe',
      key: group.key,
      epoch: isKnown ? group.epoch : next,
      master: replica,
      incarnation: report.incarnation,
      lineage: report.lineage,
      // Where its history began to be another one than its predecessor's; of the first that is seen all is its own.
      cut: report.secondLineage === null ? 0n : report.secondOffset,
      members,
      rule,
      degraded,
      recordId: context.newRecordId(),
      detail,
      wallMs: now.wallMs,
    },
    now,
  );
}
