/**
 * Begins to move masters out of an IDC, or back into it, and decides of which groups. Which those are follows from the
 * state at this place of the log, so that a tier of thousands needs no longer command than one of dozens. A return opens
 * the IDC at once: new masters may stand there again whether or not any is moved.
 */
import { z } from 'zod';
import { must } from '../../primitives/assert.ts';
import type { GroupKey } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { endWhenDone, NO_MOVES } from '../drill-changes.ts';
import {
  activeIdcs,
  groupsToEvacuate,
  groupsToReturn,
  hostsReplica,
  runningDrill,
} from '../drill-queries.ts';
import { drillKindSchema, healthyMsSchema, parallelSchema, resyncsSchema } from '../drill-schemas.ts';
import type { Drill, DrillMove } from '../drill-state.ts';
import { masterOf } from '../queries.ts';
import { groupKeySchema, recordIdSchema, siteNameSchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { BrokerGroup, MetadataState } from '../state.ts';
import type { MutableMetadata } from '../store.ts';

type DrillBegin = Extract<Command, { type: 'drill.begin' }>;

export const drillBeginSchema = z.strictObject({
  type: z.literal('drill.begin'),
  drillId: recordIdSchema,
  kind: drillKindSchema,
  idc: siteNameSchema,
  groups: z.array(groupKeySchema).max(LIMITS.groupsPerNamedDrill).nullable(),
  parallel: parallelSchema,
  resyncs: resyncsSchema,
  healthyMs: healthyMsSchema,
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<DrillBegin>;

/** Whether it could begin now; also asked before a plan is shown. */
export function checkDrillBegin(
  state: MetadataState,
  command: Pick<DrillBegin, 'kind' | 'idc' | 'groups'>,
): Result<null> {
  const { idc, kind } = command;
  if (state.sites.get(idc)?.kind !== 'idc')
    return refused('unknownSite', `${idc} is not an IDC of this tier.`, { field: 'idc' });
  const running = runningDrill(state);
  if (running !== null) {
    return refused(
      'busy',
      `The ${running.kind} of ${running.idc} is under way; wait for its end, or abort it (pollux drill list).`,
    );
  }
  if (kind === 'evacuation' && activeIdcs(state).every((other) => other === idc)) {
    return refused(
      'noActiveIdc',
      `No other IDC is active, so masters would have nowhere to go; pollux return IDC opens one again.`,
      { field: 'idc' },
    );
  }
  return unknownOf(state, command.groups ?? []);
}

function unknownOf(state: MetadataState, groups: readonly GroupKey[]): Result<null> {
  const position = groups.findIndex((key) => !state.groups.has(key));
  if (position < 0) return accepted(null);
  return refused('unknownGroup', `No broker group ${groups[position]} is declared.`, {
    field: `groups.${position}`,
  });
}

/** The groups that a drill would move, in the order of their keys. */
export function groupsOfDrill(
  state: MetadataState,
  { kind, idc, groups }: Pick<DrillBegin, 'kind' | 'idc' | 'groups'>,
): BrokerGroup[] {
  const named = groups?.flatMap((key) => state.groups.get(key) ?? []);
  const concerned = (): BrokerGroup[] => {
    if (kind === 'evacuation')
      return named?.filter((group) => masterOf(group)?.site === idc) ?? groupsToEvacuate(state, idc);
    const isAway = (group: BrokerGroup): boolean =>
      group.master !== null && masterOf(group)?.site !== idc && hostsReplica(group, idc);
    return named?.filter(isAway) ?? groupsToReturn(state, idc);
  };
  return concerned().sort((one, other) => (one.key < other.key ? -1 : 1));
}

export function drillBegin(store: MutableMetadata, command: DrillBegin): Result<null> {
  const checked = checkDrillBegin(store, command);
  if (!checked.ok) return checked;
  const { drillId: id, kind, idc, parallel, resyncs, healthyMs, by, wallMs } = command;
  if (store.drills.some((drill) => drill.id === id))
    return refused('duplicateName', `Drill ${id} exists already.`, { field: 'drillId' });
  const moves = new Map(groupsOfDrill(store, command).map((group) => [group.key, waiting(group, wallMs)]));
  const drill: Drill = {
    id,
    kind,
    idc,
    by,
    parallel,
    resyncs,
    healthyMs,
    startedWallMs: wallMs,
    changedWallMs: wallMs,
    abort: null,
    outcome: 'running',
    endedWallMs: null,
    counts: { ...NO_MOVES, waiting: moves.size },
    troubles: [],
  };
  store.drills = [...store.drills, drill].slice(-LIMITS.drillsKept);
  store.drillMoves = moves;
  if (kind === 'evacuation') store.idcStates.set(idc, 'draining');
  else store.idcStates.delete(idc);
  endWhenDone(store);
  return accepted(null);
}

const waiting = (group: BrokerGroup, wallMs: number): DrillMove => ({
  group: group.key,
  state: 'waiting',
  from: must(group.master, 'only groups that have a master are moved'),
  to: null,
  attempts: 0,
  epoch: group.epoch,
  detail: '',
  changedWallMs: wallMs,
});
