/** A broker group: the line of a list, and the page with the evidence of every vantage. */
import type { GroupDetail, GroupPhaseAnswer, GroupReplica, GroupSummary } from '../../../contract/groups.ts';
import type { AlertView, EvidenceRow } from '../../../core/coordinator/views.ts';
import { publishedWaitCount } from '../../../core/failover/write-rule.ts';
import { activeSyncSet, isAutomaticStopped, masterOf } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, GroupPhase, MetadataState, Replica } from '../../../core/metadata/state.ts';
import { unreachable } from '../../../core/primitives/assert.ts';
import { writeTermsOf } from '../../../core/routing/group-standing.ts';
import { alertAnswer } from './alert-view.ts';
import { protectionLines } from './protection-view.ts';
import { evidenceView } from './report-view.ts';

export function groupSummaryView(state: MetadataState, group: BrokerGroup): GroupSummary {
  const master = masterOf(group);
  const terms = writeTermsOf(group);
  const syncSet = activeSyncSet(group);
  return {
    cluster: group.cluster,
    name: group.name,
    kind: group.kind,
    watchOnly: group.watchOnly,
    policy: group.policy,
    onShortage: group.onShortage,
    timeFenceSeconds: group.timeFenceSeconds,
    epoch: group.epoch,
    master:
      master === null
        ? null
        : {
            replica: master.id,
            site: master.site,
            address: master.endpoints.announced ?? master.endpoints.client,
          },
    phase: phaseView(group.phase),
    replicas: group.replicas.length,
    syncSetVersion: syncSet?.version ?? null,
    waitCount: terms?.waitCount ?? null,
    degraded: syncSet?.degraded ?? false,
    automaticStopped: isAutomaticStopped(state, group) !== null,
  };
}

export function groupDetailView(
  state: MetadataState,
  group: BrokerGroup,
  seen: {
    readonly evidence: readonly EvidenceRow[];
    readonly alerts: readonly AlertView[];
    readonly stale: boolean;
    readonly wallMs: number;
  },
): GroupDetail {
  const evidence = seen.evidence.filter((row) => row.group === group.key);
  return {
    ...groupSummaryView(state, group),
    replicas: group.replicas.map((replica) => replicaView(group, replica, evidence)),
    capabilities: { ...group.capabilities },
    syncSets: group.syncSets.map((set) => ({ ...set, members: [...set.members] })),
    waitCountAnyMaster: publishedWaitCount(group),
    floor: group.floor.toString(),
    reigns: group.reigns.map((reign) => ({ ...reign, cut: reign.cut.toString() })),
    givenUp: group.givenUp.map(({ epoch, candidate, incarnation, cut, lineage }) => ({
      epoch,
      candidate,
      incarnation,
      cut: cut.toString(),
      lineage,
    })),
    protection: protectionLines(group, writeTermsOf(group)),
    detectionMs: group.detectionMs,
    cooldownMs: group.cooldownMs,
    cooldown: cooldownView(group, seen.wallMs),
    owner: group.owner,
    labels: { ...group.labels },
    alerts: seen.alerts.filter((alert) => alert.group === group.key).map(alertAnswer),
    stale: seen.stale,
  };
}

/** As shown to people: by this node's wall clock, where the leader also goes by how long it has watched. */
function cooldownView({ cooldown, cooldownMs }: BrokerGroup, wallMs: number): GroupDetail['cooldown'] {
  if (cooldown === null) return null;
  const untilWallMs = cooldown.sinceWallMs + cooldownMs;
  return wallMs < untilWallMs ? { ...cooldown, untilWallMs } : null;
}

function replicaView(group: BrokerGroup, replica: Replica, evidence: readonly EvidenceRow[]): GroupReplica {
  const member = activeSyncSet(group)?.members.find((one) => one.replica === replica.id);
  const isMaster = replica.id === group.master;
  return {
    id: replica.id,
    site: replica.site,
    endpoints: { ...replica.endpoints },
    priority: replica.priority,
    incarnation: replica.incarnation,
    role: isMaster ? 'master' : member === undefined ? 'outside' : 'syncSetMember',
    caughtUp: isMaster || (member?.caughtUp ?? false),
    evidence: evidence.filter((row) => row.replica === replica.id).map(evidenceView),
  };
}

function phaseView(phase: GroupPhase): GroupPhaseAnswer {
  switch (phase.kind) {
    case 'active':
      return { kind: 'active' };
    case 'fencing': {
      const { kind, epoch, reason, recordId, preferred, unsafe } = phase;
      return { kind, epoch, reason, recordId, preferred, unsafe };
    }
    case 'promoting': {
      const { kind, epoch, reason, recordId, candidate, cut } = phase;
      return { kind, epoch, reason, recordId, candidate, cut: cut.toString() };
    }
    default:
      return unreachable(phase);
  }
}
