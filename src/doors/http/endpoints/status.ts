/** What this node knows of itself and of the tier. */
import type { IdcAnswer } from '../../../contract/drills.ts';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { NodeAnswer } from '../../../contract/status.ts';
import { stateOfIdc } from '../../../core/metadata/drill-queries.ts';
import { masterOf } from '../../../core/metadata/queries.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import type { NodeFace } from '../../../core/node/face.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { serve } from '../served-endpoint.ts';
import { alertAnswer } from '../views/alert-view.ts';
import { brokerSetCounts } from '../views/broker-set-view.ts';
import { drillSummaryView } from '../views/drill-view.ts';
import { groupSummaryView } from '../views/group-view.ts';
import { recoveryView } from '../views/recovery-view.ts';
import { stopView } from '../views/stop-view.ts';

function nodesOf(face: NodeFace): NodeAnswer[] {
  const { node, leader } = face.status();
  const state = face.state();
  return [...state.members.values()].map((member) => ({
    name: member.name,
    site: member.site,
    siteKind: state.sites.get(member.site)?.kind ?? 'witness',
    httpUrl: member.httpUrl,
    self: member.name === node,
    leader: member.name === leader,
  }));
}

function idcsOf(state: MetadataState): IdcAnswer[] {
  const masters = new Map<string, number>();
  for (const group of state.groups.values()) {
    const site = masterOf(group)?.site;
    if (site !== undefined) masters.set(site, (masters.get(site) ?? 0) + 1);
  }
  return [...state.sites.values()]
    .filter(({ kind }) => kind === 'idc')
    .map(({ name }) => ({ name, state: stateOfIdc(state, name), masters: masters.get(name) ?? 0 }));
}

export const nodes = serve(ENDPOINTS.nodes, ({ ports: { face } }) =>
  accepted({ nodes: nodesOf(face), leader: face.status().leader }),
);

export const status = serve(ENDPOINTS.status, ({ ports: { face } }) => {
  const state = face.state();
  return accepted({
    tierId: state.tierId,
    node: { ...face.status() },
    stale: !face.isCurrent(),
    nodes: nodesOf(face),
    sites: [...state.sites.values()],
    idcs: idcsOf(state),
    drill: drillSummaryView(state.drills.at(-1) ?? null),
    groups: [...state.groups.values()].map((group) => groupSummaryView(state, group)),
    counts: {
      groups: state.groups.size,
      topics: state.topics.size,
      consumerGroups: state.consumerGroups.size,
    },
    recovery: recoveryView(state, face.status().node, face.evidence()),
    brokerSets: brokerSetCounts(state),
    alerts: face.alerts().map(alertAnswer),
    stops: state.stops.map(stopView),
  });
});
