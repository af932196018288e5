/** Broker groups: declare, show, change, give back. */

import type { z } from 'zod';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { groupDeclarationSchema } from '../../../contract/groups.ts';
import type { ClientReply, GroupDeclaration } from '../../../core/coordinator/requests.ts';
import { clusterName, groupName, replicaId, siteName } from '../../../core/primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../../core/primitives/refusal.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose, unexpectedReply, withFieldNamed } from '../submit.ts';
import { groupDetailView, groupSummaryView } from '../views/group-view.ts';
import { planView } from '../views/plan-view.ts';
import { keyOf, requireGroup } from './lookups.ts';

export const groupList = serve(ENDPOINTS.groupList, ({ query, ports: { face } }) => {
  const state = face.state();
  const groups = [...state.groups.values()].filter(
    (group) => query.cluster === undefined || group.cluster === query.cluster,
  );
  return accepted({
    groups: groups.map((group) => groupSummaryView(state, group)),
    stale: !face.isCurrent(),
  });
});

export const groupGet = serve(ENDPOINTS.groupGet, ({ parameters, query, ports: { face, clock } }) => {
  const state = face.state();
  const group = requireGroup(state, keyOf(query, parameters.group));
  if (!group.ok) return group;
  const seen = {
    evidence: face.evidence(),
    alerts: face.alerts(),
    stale: !face.isCurrent(),
    wallMs: clock.now().wallMs,
  };
  return accepted(groupDetailView(state, group.value, seen));
});

export const groupAdd = serveBody(ENDPOINTS.groupAdd, async ({ query, body, by, ports }) => {
  const declaration = declarationOf(query.cluster, body);
  if (!declaration.ok) return declaration;
  const reply = await ports.face.submit({
    type: 'addGroup',
    declaration: declaration.value,
    planOnly: body.plan,
    by,
  });
  return plannedOrCommitted('addGroup', reply);
});

export const groupTake = serveBody(ENDPOINTS.groupTake, async ({ parameters, query, body, by, ports }) => {
  const { preferredMaster } = body;
  const reply = await ports.face.submit({
    type: 'takeGroup',
    group: keyOf(query, parameters.group),
    preferredMaster: preferredMaster === null ? null : replicaId(preferredMaster),
    planOnly: body.plan,
    by,
  });
  return plannedOrCommitted('takeGroup', reply.ok ? reply : withFieldNamed(reply, 'key', 'group'));
});

function plannedOrCommitted(type: 'addGroup' | 'takeGroup', reply: ClientReply) {
  if (!reply.ok) return reply;
  switch (reply.value.kind) {
    case 'plan':
      return {
        ...accepted({ kind: 'plan' as const, plan: planView(reply.value.plan) }),
        lookedOnly: true as const,
      };
    case 'committed':
      return accepted({ kind: 'committed' as const, index: reply.value.index });
    default:
      return unexpectedReply(type, reply.value);
  }
}

/** Fills in what a declaration may leave out; refuses what only the whole of it shows to be wrong. */
function declarationOf(
  cluster: string,
  body: z.output<typeof groupDeclarationSchema>,
): Result<GroupDeclaration> {
  const replicas = body.replicas.map((replica, position) => ({
    id: replicaId(replica.id ?? `${body.name}-${position + 1}`),
    site: siteName(replica.site),
    endpoints: {
      client: replica.endpoints.client,
      replication: replica.endpoints.replication ?? replica.endpoints.client,
      announced: replica.endpoints.announced,
    },
    priority: replica.priority,
  }));
  const ids = replicas.map(({ id }) => id);
  const twiceAt = ids.findIndex((id, position) => ids.indexOf(id) !== position);
  if (twiceAt >= 0) {
    return refused('duplicateName', `Replica ${ids[twiceAt]} is listed twice.`, {
      field: `replicas.${twiceAt}.id`,
      expected: 'every id once',
    });
  }
  const { preferredMaster } = body;
  if (preferredMaster !== null && !ids.includes(replicaId(preferredMaster))) {
    return refused('unknownReplica', `${preferredMaster} is none of the declared replicas.`, {
      field: 'preferredMaster',
      expected: ids.join(' | '),
    });
  }
  const { policy, onShortage, timeFenceSeconds, detectionMs, cooldownMs } = body;
  const { owner, labels, kind, name, watchOnly } = body;
  return accepted({
    cluster: clusterName(cluster),
    name: groupName(name),
    kind,
    watchOnly,
    replicas,
    preferredMaster: preferredMaster === null ? null : replicaId(preferredMaster),
    policy,
    onShortage,
    timeFenceSeconds,
    detectionMs,
    cooldownMs,
    owner,
    labels,
  });
}

export const groupChange = serveBody(
  ENDPOINTS.groupChange,
  async ({ parameters, query, body, by, ports }) => {
    const { policy = null, onShortage = null, timeFenceSeconds = null } = body;
    const { detectionMs = null, cooldownMs = null } = body;
    const key = keyOf(query, parameters.group);
    const changed = await propose(ports, {
      type: 'group.set',
      key,
      policy,
      onShortage,
      timeFenceSeconds,
      detectionMs,
      cooldownMs,
      by,
      wallMs: ports.clock.now().wallMs,
    });
    return withFieldNamed(changed, 'key', 'group');
  },
);

export const groupAcknowledge = serveBody(
  ENDPOINTS.groupAcknowledge,
  async ({ parameters, query, body, by, ports }) => {
    const key = keyOf(query, parameters.group);
    const { wallMs } = ports.clock.now();
    const done = await propose(ports, { type: 'group.acknowledge', key, by, note: body.note, wallMs });
    return withFieldNamed(done, 'key', 'group');
  },
);

export const groupRemove = serve(ENDPOINTS.groupRemove, async ({ parameters, query, by, ports }) => {
  const reply = await ports.face.submit({
    type: 'removeGroup',
    group: keyOf(query, parameters.group),
    by,
  });
  if (!reply.ok) return withFieldNamed(reply, 'key', 'group');
  return reply.value.kind === 'committed'
    ? accepted({ kind: 'committed' as const, index: reply.value.index })
    : unexpectedReply('removeGroup', reply.value);
});
