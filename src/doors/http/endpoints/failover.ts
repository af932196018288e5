/** Moves of a master that an operator asks for. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { type ReplicaId, replicaId } from '../../../core/primitives/identifiers.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { serveBody } from '../served-endpoint.ts';
import { unexpectedReply } from '../submit.ts';
import { keyOf } from './lookups.ts';

const wanted = (to: string | undefined): ReplicaId | null => (to === undefined ? null : replicaId(to));

export const failover = serveBody(ENDPOINTS.failover, async ({ parameters, query, body, by, ports }) => {
  const reply = await ports.face.submit({
    type: 'failover',
    group: keyOf(query, parameters.group),
    to: wanted(body.to),
    unsafe: body.unsafe,
    by,
    note: body.reason,
  });
  if (!reply.ok) return reply;
  return reply.value.kind === 'moveStarted'
    ? accepted(reply.value)
    : unexpectedReply('failover', reply.value);
});

export const switchover = serveBody(ENDPOINTS.switchover, async ({ parameters, query, body, by, ports }) => {
  const reply = await ports.face.submit({
    type: 'switchover',
    group: keyOf(query, parameters.group),
    to: wanted(body.to),
    planOnly: body.plan,
    by,
  });
  if (!reply.ok) return reply;
  const { value } = reply;
  switch (value.kind) {
    case 'moveStarted':
      return accepted(value);
    case 'movePlan': {
      const plan = { ...value, lagBytes: value.lagBytes.toString(), steps: [...value.steps] };
      return { ...accepted(plan), lookedOnly: true };
    }
    default:
      return unexpectedReply('switchover', value);
  }
});
