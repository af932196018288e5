/** Plans the allocation of a RocketMQ topic's queues by the stock strategies, over consumers that the request names. */
import type { z } from 'zod';
import type { allocationPlanRequestSchema } from '../../../contract/allocation-plan.ts';
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import { unreachable } from '../../../core/primitives/assert.ts';
import { type GroupName, siteName } from '../../../core/primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../../core/primitives/refusal.ts';
import { type PlannedConsumer, planAllocation } from '../../../core/routing/allocation-plan.ts';
import type { StockStrategy } from '../../../core/routing/stock-strategies.ts';
import { serveBody } from '../served-endpoint.ts';
import { requireIdc } from './lookups.ts';

type Wanted = z.output<typeof allocationPlanRequestSchema>;

export const allocationPlan = serveBody(ENDPOINTS.allocationPlan, ({ body, ports: { face } }) => {
  const state = face.state();
  const consumers = consumersOf(state, body);
  if (!consumers.ok) return consumers;
  const strategyOf = strategyFor(state, body, consumers.value);
  if (!strategyOf.ok) return strategyOf;
  const plan = planAllocation(state, {
    topic: body.topic,
    consumers: consumers.value,
    strategyOf: strategyOf.value,
    near: body.near ?? null,
  });
  if (!plan.ok) return plan;
  const { near, queues, consumers: planned, orphans, doubleOwned } = plan.value;
  return accepted({
    topic: body.topic,
    strategy: body.strategy,
    near,
    sound: orphans.length === 0 && doubleOwned.length === 0,
    stale: !face.isCurrent(),
    queues: queues.length,
    consumers: planned.map(({ clientId, idc, zoneMode, route, fellBack, refusal, shares }) => ({
      clientId,
      idc,
      zoneMode,
      route: [...route],
      fellBack,
      refusal,
      allocations: shares.map((share) => ({
        asked: [...share.asked],
        members: share.members.length,
        queues: [...share.queues],
      })),
    })),
    orphans: [...orphans],
    doubleOwned: doubleOwned.map((queue) => ({ ...queue, owners: [...queue.owners] })),
  });
});

function consumersOf(state: MetadataState, body: Wanted): Result<readonly PlannedConsumer[]> {
  const seen = new Set<string>();
  const consumers: PlannedConsumer[] = [];
  for (const [position, { clientId, idc, zoneMode }] of body.consumers.entries()) {
    if (seen.has(clientId)) {
      return refused('duplicateName', `Consumer ${clientId} is named twice.`, {
        field: `consumers.${position}.clientId`,
        expected: 'every consumer once',
      });
    }
    seen.add(clientId);
    const known = idc === null ? accepted(null) : requireIdc(state, idc, `consumers.${position}.idc`);
    if (!known.ok) return known;
    consumers.push({ clientId, idc: idc === null ? null : siteName(idc), zoneMode });
  }
  return accepted(consumers);
}

type StrategyOf = (consumer: PlannedConsumer) => StockStrategy;

function strategyFor(
  state: MetadataState,
  body: Wanted,
  consumers: readonly PlannedConsumer[],
): Result<StrategyOf> {
  switch (body.strategy) {
    case 'AVG':
      return accepted(() => ({ kind: 'average' }));
    case 'AVG_BY_CIRCLE':
      return accepted(() => ({ kind: 'circle' }));
    case 'MACHINE_ROOM':
      return accepted(({ idc }) => ({
        kind: 'machineRoom',
        rooms: new Set(body.consumerIdcs ?? (idc === null ? [] : [idc])),
      }));
    case 'MACHINE_ROOM_NEARBY-AVG':
      return nearby(state, body, consumers, 'average');
    case 'MACHINE_ROOM_NEARBY-AVG_BY_CIRCLE':
      return nearby(state, body, consumers, 'circle');
    default:
      return unreachable(body.strategy);
  }
}

/** The stock strategy throws where its resolver names no room, and then nothing is allocated at all. */
function nearby(
  state: MetadataState,
  { topic, rooms }: Wanted,
  consumers: readonly PlannedConsumer[],
  inner: 'average' | 'circle',
): Result<StrategyOf> {
  const lost = consumers.findIndex(({ idc }) => idc === null);
  if (lost >= 0) {
    return refused(
      'invalidRequest',
      'This strategy fails for a consumer whose IDC its resolver cannot name.',
      {
        field: `consumers.${lost}.idc`,
        expected: 'an IDC',
      },
    );
  }
  const roomOf = new Map<GroupName, string>();
  const named = new Map(rooms.map(({ set, idc }): [string, string] => [set, idc]));
  for (const { name } of state.topicQueues.get(topic) ?? []) {
    const address = state.namedSets.get(name)?.addresses.get(0);
    const room = named.get(name) ?? state.registrations.get(address ?? '')?.site ?? null;
    if (room === null) {
      return refused(
        'invalidRequest',
        `Nobody knows the IDC of the master of broker set ${name}; say which room the resolver of the clients names.`,
        { field: 'rooms', expected: `a room for ${name}` },
      );
    }
    roomOf.set(name, room);
  }
  const idcOf = new Map(consumers.map(({ clientId, idc }): [string, string] => [clientId, idc ?? '']));
  return accepted(() => ({
    kind: 'machineRoomNearby',
    inner,
    roomOfQueue: (set) => roomOf.get(set) ?? '',
    roomOfConsumer: (consumer) => idcOf.get(consumer) ?? '',
  }));
}
