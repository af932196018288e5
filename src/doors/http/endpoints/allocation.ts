/** Allocation of a topic's queues over members that the request names; nothing is stored. */
import type { AllocationAnswer } from '../../../contract/allocation.ts';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { groupName, memberId, siteName } from '../../../core/primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../../core/primitives/refusal.ts';
import { type Allocation, allocateByIdc, type QueueRef } from '../../../core/routing/allocate.ts';
import { queuesToAllocate } from '../../../core/routing/topic-queues.ts';
import type { HttpDoorPorts } from '../door-ports.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { requireIdc, requireTopic } from './lookups.ts';

type Wanted = {
  readonly cluster: string;
  readonly topic: string;
  readonly consumerGroup: string | undefined;
  readonly members: readonly { readonly member: string; readonly idc: string | null }[];
  readonly previous: Allocation | undefined;
};

export const allocation = serve(ENDPOINTS.allocation, ({ parameters, query, ports }) =>
  allocate(ports, {
    ...query,
    topic: parameters.topic,
    consumerGroup: query.consumerGroup,
    previous: undefined,
  }),
);

export const allocateMany = serveBody(ENDPOINTS.allocate, ({ parameters, query, body, ports }) => {
  const previous =
    body.previous === undefined
      ? undefined
      : {
          assignments: body.previous.map(({ member, queues }) => ({
            member: memberId(member),
            queues: queues.map(({ group, queue }) => ({ group: groupName(group), queue })),
          })),
          unowned: [],
        };
  return allocate(ports, {
    cluster: query.cluster,
    topic: parameters.topic,
    consumerGroup: body.consumerGroup,
    members: body.members,
    previous,
  });
});

function allocate({ face }: HttpDoorPorts, wanted: Wanted): Result<AllocationAnswer> {
  const state = face.state();
  const topic = requireTopic(state, wanted.cluster, wanted.topic);
  if (!topic.ok) return topic;
  const idcOfMember = new Map<string, string | null>();
  for (const [position, { member, idc }] of wanted.members.entries()) {
    if (idcOfMember.has(member)) {
      return refused('duplicateName', `Member ${member} is named twice.`, {
        field: `members.${position}.member`,
        expected: 'every member once',
      });
    }
    idcOfMember.set(member, idc);
    const known = idc === null ? accepted(null) : requireIdc(state, idc, `members.${position}.idc`);
    if (!known.ok) return known;
  }
  const queues = queuesToAllocate(state, topic.value);
  const { assignments, unowned } = allocateByIdc({
    queues,
    members: wanted.members.map(({ member, idc }) => ({
      member: memberId(member),
      idc: idc === null ? null : siteName(idc),
    })),
    ...(wanted.previous === undefined ? {} : { previous: wanted.previous }),
  });
  const idcOfGroup = new Map(queues.map(({ group, idc }) => [group, idc]));
  const withIdc = (queue: QueueRef) => ({ ...queue, idc: idcOfGroup.get(queue.group) ?? null });
  return accepted({
    topic: topic.value.name,
    cluster: topic.value.cluster,
    consumerGroup: wanted.consumerGroup ?? null,
    revision: { incarnation: state.tierId ?? '', index: face.routesRevision() },
    stale: !face.isCurrent(),
    assignments: assignments.map((assignment) => ({
      member: assignment.member,
      idc: idcOfMember.get(assignment.member) ?? null,
      queues: assignment.queues.map(withIdc),
    })),
    unowned: unowned.map(withIdc),
  });
}
