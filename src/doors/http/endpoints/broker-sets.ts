/** RocketMQ broker sets: show, change, move the master; and the rules for the routes of their topics. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { masterBrokerOf } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../../core/primitives/refusal.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose, unexpectedReply, withFieldNamed } from '../submit.ts';
import {
  brokerRefsOf,
  brokerSetDetailView,
  brokerSetSummaryView,
  knownSet,
  knownSets,
} from '../views/broker-set-view.ts';

function requireSet(state: MetadataState, text: string) {
  const set = knownSet(state, groupName(text));
  return set === null
    ? refused('unknownBrokerSet', `No broker set ${text} is known; \`pollux broker-set list\` shows all.`, {
        field: 'brokerSet',
      })
    : accepted(set);
}

/** Refused for a set that registers only: there is nothing of it that could be set or moved. */
function requireControlled(state: MetadataState, text: string): Result<BrokerSet> {
  const set = requireSet(state, text);
  if (!set.ok) return set;
  const { controlled } = set.value;
  return controlled === null
    ? refused(
        'unknownBrokerSet',
        `Broker set ${text} only registers here: pollux is its Controller once its brokers run with enableControllerMode=true and a controllerAddr that names the nodes.`,
        { field: 'brokerSet' },
      )
    : accepted(controlled);
}

export const brokerSetList = serve(ENDPOINTS.brokerSetList, ({ ports: { face } }) => {
  const state = face.state();
  const brokerSets = knownSets(state).map((set) => brokerSetSummaryView(state, set));
  return accepted({ brokerSets, stale: !face.isCurrent() });
});

export const brokerSetGet = serve(ENDPOINTS.brokerSetGet, ({ parameters, ports: { face } }) => {
  const state = face.state();
  const set = requireSet(state, parameters.brokerSet);
  if (!set.ok) return set;
  const evidence = face.brokerEvidence(brokerRefsOf(set.value));
  const seen = { alerts: face.alerts(), evidence, stale: !face.isCurrent() };
  return accepted(brokerSetDetailView(state, set.value, seen));
});

export const brokerSetChange = serveBody(
  ENDPOINTS.brokerSetChange,
  async ({ parameters, body, by, ports }) => {
    const set = requireControlled(ports.face.state(), parameters.brokerSet);
    if (!set.ok) return set;
    const { policy = null, onShortage = null, detectionMs = null } = body;
    const changed = await propose(ports, {
      type: 'brokerSet.setPolicy',
      name: groupName(parameters.brokerSet),
      policy,
      onShortage,
      detectionMs,
      by,
      wallMs: ports.clock.now().wallMs,
    });
    return withFieldNamed(changed, 'name', 'brokerSet');
  },
);

export const brokerSetElect = serveBody(
  ENDPOINTS.brokerSetElect,
  async ({ parameters, body, by, ports: { face } }) => {
    const name = groupName(parameters.brokerSet);
    const set = requireControlled(face.state(), name);
    if (!set.ok) return set;
    const reply = await face.submit({
      type: 'brokerSet',
      request: {
        kind: 'electMaster',
        cluster: set.value.cluster,
        name,
        brokerId: body.to,
        designated: true,
        unsafe: body.unsafe,
        by,
      },
    });
    if (!reply.ok) return reply;
    if (reply.value.kind !== 'applied') return unexpectedReply('brokerSet', reply.value);
    const elected = face.state().brokerSets.get(name);
    const master = elected === undefined ? null : masterBrokerOf(elected);
    if (elected === undefined || master === null)
      return refused('notActive', `Broker set ${name} lost its master again at once.`);
    return accepted({
      kind: 'elected' as const,
      changed: reply.value.changed,
      master: master.id,
      masterEpoch: elected.masterEpoch,
    });
  },
);

export const topicNearList = serve(ENDPOINTS.topicNearList, ({ ports: { face } }) => {
  const rules = [...face.state().topicNears].map(([topic, near]) => ({ topic, near }));
  rules.sort((one, other) => (one.topic < other.topic ? -1 : 1));
  return accepted({ rules, stale: !face.isCurrent() });
});

export const topicNearSet = serveBody(ENDPOINTS.topicNearSet, ({ body: { topic, near }, by, ports }) =>
  propose(ports, { type: 'naming.setTopicNear', topic, near, by, wallMs: ports.clock.now().wallMs }),
);
