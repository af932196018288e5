/** Moving masters out of an IDC and back, and the rules for returning. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { returnRuleRemovalSchema } from '../../../contract/drills.ts';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { ReturnRule, ReturnScope } from '../../../core/metadata/drill-state.ts';
import { siteName } from '../../../core/primitives/identifiers.ts';
import { accepted, refused } from '../../../core/primitives/refusal.ts';
import type { HttpDoorPorts } from '../door-ports.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose, unexpectedReply, withFieldNamed } from '../submit.ts';
import { drillDetailView, drillPlanView, drillSummaryView, returnRuleView } from '../views/drill-view.ts';
import { keyOf } from './lookups.ts';

export const drillList = serve(ENDPOINTS.drillList, ({ ports: { face } }) =>
  accepted({
    drills: face
      .state()
      .drills.map((drill) => drillSummaryView(drill))
      .reverse(),
  }),
);

export const drillGet = serve(ENDPOINTS.drillGet, ({ parameters: { id }, ports: { face } }) => {
  const state = face.state();
  const drill = state.drills.find((one) => one.id === id);
  return drill === undefined
    ? refused('unknownRecord', `No drill ${id} is kept; \`pollux drill list\` shows all.`, { field: 'id' })
    : accepted(drillDetailView(state, drill));
});

export const drillBegin = serveBody(ENDPOINTS.drillBegin, async ({ query, body, by, ports }) => {
  const { kind, parallel, resyncs, healthyMs, plan } = body;
  const idc = siteName(body.idc);
  const groups = body.groups?.map((name) => keyOf(query, name)) ?? null;
  if (plan) {
    const reply = await ports.face.submit({ type: 'drillPlan', kind, idc, groups });
    if (!reply.ok) return reply;
    if (reply.value.kind !== 'drillPlan') return unexpectedReply('drillPlan', reply.value);
    return { ...accepted(drillPlanView(reply.value)), lookedOnly: true };
  }
  const drillId = `drill-${randomUUID()}`;
  const { wallMs } = ports.clock.now();
  const command = {
    type: 'drill.begin',
    ...{ drillId, kind, idc, groups, parallel, resyncs, by, wallMs },
    healthyMs: kind === 'return' ? healthyMs : 0,
  } as const;
  const begun = await propose(ports, command);
  return begun.ok ? accepted({ kind: 'drillStarted' as const, drillId }) : begun;
});

export const drillAbort = serveBody(ENDPOINTS.drillAbort, ({ body, by, ports }) =>
  propose(ports, { type: 'drill.abort', idc: siteName(body.idc), by, wallMs: ports.clock.now().wallMs }),
);

type Scope = z.output<typeof returnRuleRemovalSchema>['scope'];

const scopeOf = (query: { readonly cluster: string }, scope: Scope): ReturnScope =>
  scope.kind === 'all' ? { kind: 'all' } : { kind: 'group', group: keyOf(query, scope.group) };

export const returnRuleList = serve(ENDPOINTS.returnRuleList, ({ ports: { face } }) =>
  accepted({ rules: [...face.state().returnRules].map(([key, rule]) => returnRuleView(key, rule)) }),
);

type RuleChange = { readonly scope: ReturnScope; readonly rule: ReturnRule | null; readonly by: string };

async function setRule(ports: HttpDoorPorts, change: RuleChange) {
  const { wallMs } = ports.clock.now();
  const reply = await propose(ports, { type: 'return.setRule', ...change, wallMs }, 'rule');
  return withFieldNamed(reply, 'key', 'scope.group');
}

export const returnRuleSet = serveBody(ENDPOINTS.returnRuleSet, ({ query, body, by, ports }) => {
  const rule = { preferredIdc: siteName(body.preferredIdc), returnAfterMs: body.returnAfterMs };
  return setRule(ports, { scope: scopeOf(query, body.scope), rule, by });
});

export const returnRuleRemove = serveBody(ENDPOINTS.returnRuleRemove, ({ query, body, by, ports }) =>
  setRule(ports, { scope: scopeOf(query, body.scope), rule: null, by }),
);
