/** What real Sentinels watch: its names, and its takeover. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { clusterName, groupName, siteName } from '../../../core/primitives/identifiers.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { adopt } from '../../../core/sentinels/adopt.ts';
import { serveBody } from '../served-endpoint.ts';
import { adoptionView } from '../views/adoption-view.ts';
import { planView } from '../views/plan-view.ts';

export const sentinelMasters = serveBody(ENDPOINTS.sentinelMasters, async ({ body, ports }) => {
  const found = await ports.sentinels.masters(body.sentinel);
  if (!found.ok) return found;
  return accepted({ masters: [...found.value.names], leftOff: found.value.leftOff });
});

export const groupAdopt = serveBody(ENDPOINTS.groupAdopt, async ({ query, body, by, ports }) => {
  const { sentinel, master, sites, plan: planOnly, ...terms } = body;
  const said = new Map(Object.entries(sites).map(([address, site]) => [address, siteName(site)]));
  const order = {
    sentinel,
    terms: { ...terms, cluster: clusterName(query.cluster), name: groupName(master) },
    said,
    planOnly,
    by,
  };
  const reply = await adopt(order, ports);
  if (!reply.ok) return reply;
  const { value } = reply;
  const adoption = adoptionView(master, value.adoption);
  if (value.kind === 'committed') return accepted({ kind: value.kind, index: value.index, adoption });
  const plan = value.plan === null ? null : planView(value.plan);
  return { ...accepted({ kind: value.kind, adoption, fit: value.fit, plan }), lookedOnly: true as const };
});
