/** Heartbeats of brokers that register themselves. How long an answer is held is the node's business. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { HeartbeatAnswer } from '../../../contract/heartbeat.ts';
import type { HeartbeatOrders } from '../../../core/coordinator/requests.ts';
import { incarnation, lineage, replicaId } from '../../../core/primitives/identifiers.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { serveBody } from '../served-endpoint.ts';
import { unexpectedReply } from '../submit.ts';
import { keyOf } from './lookups.ts';

const ordersView = (orders: HeartbeatOrders): HeartbeatAnswer => ({ ...orders, accept: [...orders.accept] });

export const heartbeat = serveBody(ENDPOINTS.heartbeat, async ({ query, body, ports }) => {
  const { report } = body;
  const reply = await ports.face.submit({
    type: 'heartbeat',
    heartbeat: {
      group: keyOf(query, body.group),
      replica: replicaId(body.replica),
      report: {
        ...report,
        incarnation: incarnation(report.incarnation),
        lineage: lineage(report.lineage),
        secondLineage: report.secondLineage === null ? null : lineage(report.secondLineage),
        secondOffset: BigInt(report.secondOffset),
        offset: BigInt(report.offset),
      },
      ordersSeen: body.ordersSeen,
      holdMs: body.holdMs,
    },
  });
  if (!reply.ok) return reply;
  return reply.value.kind === 'orders'
    ? accepted(ordersView(reply.value.orders))
    : unexpectedReply('heartbeat', reply.value);
});
