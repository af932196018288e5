/**
 * Brakes hold. While an operator has stopped automatic action for a group or for its master's IDC, no master is moved by
 * itself, and nobody in a stopped IDC is promoted by itself. A group in its cool-down is not moved because its master is
 * silent: where the very process still runs, everybody who found it dead heard nothing, and its own site testified.
 */
import type {
  AutomaticStop,
  BrokerGroup,
  HistoryRecord,
  MetadataState,
} from '../../../../src/core/metadata/state.ts';
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import { WALL_ORIGIN_MS } from '../../world/node-clock.ts';
import { demand } from '../../world/violation.ts';
import type { BrokerOracle, Case } from './broker-oracle.ts';

/** Clocks of nodes drift by a twentieth at most; what is closer to the end of a cool-down than this is not judged. */
const SURELY = 0.85;

const isAutomatic = ({ reason }: HistoryRecord): boolean =>
  reason === 'masterLost' || reason === 'masterRestarted';

export function brakesHold({ tier }: Case): BrokerOracle {
  let before: readonly AutomaticStop[] = [];
  /** Stops that stood when what is being looked at was committed. */
  let inForce: readonly AutomaticStop[] = [];
  const known = new Map<GroupKey, BrokerGroup>();
  const counts = { movesWhileCooling: 0, movesLookedAt: 0, leftAlone: 0 };
  const leftAlone = new Set<string>();

  const siteOf = (group: BrokerGroup, id: string | null) => group.replicas.find((one) => one.id === id)?.site;

  const fenced = (group: BrokerGroup, was: BrokerGroup, record: HistoryRecord): void => {
    if (was.phase.kind !== 'active' || !isAutomatic(record)) return;
    counts.movesLookedAt += 1;
    const stop = inForce.find(
      ({ scope }) =>
        scope.kind === 'all' ||
        (scope.kind === 'group' && scope.group === group.key) ||
        (scope.kind === 'idc' && scope.site === siteOf(was, was.master)),
    );
    demand(
      stop === undefined,
      'a group whose automatic action is stopped is not moved',
      () => `${group.key}: ${record.reason}, stopped since ${stop?.sinceWallMs}`,
    );
    const { cooldown, cooldownMs } = was;
    const nowWallMs = WALL_ORIGIN_MS + tier().world.nowMs;
    if (cooldown === null || nowWallMs > cooldown.sinceWallMs + cooldownMs * SURELY) return;
    counts.movesWhileCooling += 1;
    const reign = was.reigns.at(-1);
    const process =
      tier()
        .group(group.key)
        ?.byReplica.get(reign?.master ?? '')?.process ?? null;
    const site = siteOf(was, was.master);
    const words = record.evidence.filter(({ detail }) => !detail.startsWith('suspected'));
    const dead = words.filter(({ verdict }) => verdict === 'dead');
    demand(
      process?.runId !== reign?.incarnation ||
        dead.some(({ detail }) => !detail.startsWith('silent')) ||
        !words.some((word) => word.site === site),
      'a group in its cool-down is not moved for silence',
      () => `${group.key} since ${cooldown.sinceWallMs}: ${words.map(({ detail }) => detail).join('; ')}`,
    );
  };

  const promoted = (group: BrokerGroup, candidate: string, runId: string, record: HistoryRecord): void => {
    if (!isAutomatic(record) && record.reason !== 'promotionFailed') return;
    const reign = group.reigns.at(-1);
    if (reign?.master === candidate && reign.incarnation === runId) return;
    const site = siteOf(group, candidate);
    demand(
      !inForce.some(({ scope }) => scope.kind === 'idc' && scope.site === site),
      'nobody is promoted by itself in an IDC that is stopped',
      () => `${group.key}: ${candidate} in ${site}`,
    );
  };

  const look = (state: MetadataState): void => {
    for (const { id, outcome } of state.history) if (outcome === 'coolingDown') leftAlone.add(id);
    counts.leftAlone = leftAlone.size;
    for (const [key, now] of state.groups) {
      const was = known.get(key);
      known.set(key, now);
      const { phase } = now;
      if (was === undefined || phase.kind === 'active') continue;
      const record = state.history.find(({ id }) => id === phase.recordId);
      if (record === undefined) continue;
      if (phase.kind === 'fencing') fenced(now, was, record);
      if (phase.kind === 'promoting' && was.phase.kind === 'fencing')
        promoted(now, phase.candidate, phase.incarnation, record);
    }
  };

  return {
    node: {
      counts,
      decided: (node) => {
        const state = node.loop().state();
        // Several entries may be applied in one go: what was stopped before and after was stopped in between.
        inForce = state.stops.filter((stop) => before.some((other) => isSame(stop, other)));
        look(state);
        before = state.stops;
      },
    },
  };
}

const isSame = (one: AutomaticStop, other: AutomaticStop): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
