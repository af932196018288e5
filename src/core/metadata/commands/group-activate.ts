/**
 * ACTIVE(e+1, lineage): the candidate reigns. Offsets continue over a promotion, so the floor stays what it was; only
 * below an unsafe cut it sinks with it, for what lies beyond the cut was written to a reign that is over.
 */
import { z } from 'zod';
import { unreachable } from '../../primitives/assert.ts';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { reignsWith } from '../given-up.ts';
import { changeRecord, historyStep, withStep } from '../history.ts';
import { epochSchema, groupKeySchema, lineageSchema, wallMsSchema } from '../schemas.ts';
import type { FencingReason, Reign } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseStale, requireGroup } from './group-changes.ts';

type GroupActivate = Extract<Command, { type: 'group.activate' }>;

export const groupActivateSchema = z.strictObject({
  type: z.literal('group.activate'),
  key: groupKeySchema,
  epoch: epochSchema,
  lineage: lineageSchema,
  reinstated: z.boolean(),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupActivate>;

/** Whether the group is left alone for a while now: nobody asked for this move. */
function startsCooldown(reason: FencingReason): boolean {
  switch (reason) {
    case 'masterLost':
    case 'masterRestarted':
    case 'promotionFailed':
      return true;
    case 'adoption':
    case 'switchover':
    case 'operatorFailover':
    case 'observed':
      return false;
    default:
      return unreachable(reason);
  }
}

export function groupActivate(store: MutableMetadata, command: GroupActivate): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const { phase } = group;
  if (phase.kind !== 'promoting' || phase.epoch !== command.epoch) {
    return refuseStale(group, `phase ${phase.kind}`, `promoting for epoch ${command.epoch}`);
  }
  const { epoch, reason, candidate, incarnation, cut, recordId } = phase;
  const floorSinks = cut < group.floor;
  const reign: Reign = { epoch, master: candidate, incarnation, lineage: command.lineage, cut };
  store.groups.set(group.key, {
    ...group,
    epoch,
    master: candidate,
    replicas: group.replicas.map((replica) =>
      replica.id === candidate ? { ...replica, incarnation } : replica,
    ),
    phase: { kind: 'active' },
    reigns: reignsWith(group, phase, reign),
    givenUp: [],
    floor: floorSinks ? cut : group.floor,
    cooldown: startsCooldown(reason) ? { recordId, sinceWallMs: command.wallMs } : null,
  });
  const step = historyStep('active', command.wallMs, `${candidate}, lineage ${command.lineage}`);
  changeRecord(store, recordId, (record) => ({
    ...withStep(record, step),
    outcome: command.reinstated ? 'reinstated' : 'completed',
  }));
  return accepted(null);
}
