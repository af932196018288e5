/**
 * Masters are moved out of an IDC and back as was committed: never more groups at once than asked for, each only once its
 * row says so, none that was not begun before an abort; an IDC that is called drained has no master, and whoever is
 * promoted into one that is being emptied was further than everybody who was read elsewhere.
 */
import type { BrokerGroup, HistoryRecord, MetadataState } from '../../../../src/core/metadata/state.ts';
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import { demand } from '../../world/violation.ts';
import type { BrokerOracle, Case } from './broker-oracle.ts';

type Phase = BrokerGroup['phase'];

/** Moves that pollux decides upon by itself: nobody has named who is to reign. */
const OF_ITS_OWN_ACCORD: readonly string[] = ['masterLost', 'masterRestarted', 'promotionFailed'];

const siteOf = ({ replicas }: BrokerGroup, id: string | null) => replicas.find((one) => one.id === id)?.site;

export function drills({ committed }: Case): BrokerOracle {
  const counts = {
    drillsBegun: 0,
    drillsCompleted: 0,
    drillsIncomplete: 0,
    drillsAborted: 0,
    groupsMoved: 0,
    groupsTakenBack: 0,
    groupsFailed: 0,
    promotedOutOfTheWay: 0,
  };
  let state: MetadataState | null = null;
  const seen = new Map<string, string>();
  /** Groups that were in their move when a drill was aborted. */
  const begunBeforeAbort = new Map<string, ReadonlySet<GroupKey>>();
  const promoted = new Set<string>();
  const changed = new Map<GroupKey, BrokerGroup>();

  const recordOf = (phase: Phase): HistoryRecord | null =>
    phase.kind === 'active' ? null : (state?.history.find(({ id }) => id === phase.recordId) ?? null);

  const look = (now: MetadataState): void => {
    const drill = now.drills.at(-1);
    if (drill === undefined) return;
    const { id, parallel, outcome, kind, idc } = drill;
    const rows = [...now.drillMoves.values()];
    const underWay = [...now.groups.values()].filter(
      ({ phase }) => recordOf(phase)?.by.includes(id) === true,
    );
    const moving = rows.filter(({ state: row }) => row === 'moving').map(({ group }) => group);
    demand(
      Math.max(moving.length, underWay.length) <= parallel,
      'no more groups are in their move than asked for',
      () => `${moving} of ${parallel}; fenced or promoting: ${underWay.map(({ key }) => key)}`,
    );
    for (const { key } of underWay)
      demand(moving.includes(key), 'a group is moved once that is committed', () => `${key} in ${id}`);
    if (drill.abort !== null) {
      const begun = begunBeforeAbort.get(id) ?? new Set(moving);
      begunBeforeAbort.set(id, begun);
      const late = moving.filter((key) => !begun.has(key));
      demand(late.length === 0, 'nothing is begun after an abort', () => `${late} in ${id}`);
    }
    tell(id, outcome, rows);
    if (kind !== 'evacuation' || outcome !== 'completed' || seen.get(`${id} is empty`) !== undefined) return;
    seen.set(`${id} is empty`, idc);
    const left = [...now.groups.values()].filter((group) => siteOf(group, group.master) === idc);
    demand(left.length === 0, 'a drained IDC has no master', () => `${idc}: ${left.map(({ key }) => key)}`);
  };

  const tell = (id: string, outcome: string, rows: readonly { group: GroupKey; state: string }[]): void => {
    if (seen.get(id) === undefined) counts.drillsBegun += 1;
    if (seen.get(id) !== outcome && outcome === 'completed') counts.drillsCompleted += 1;
    if (seen.get(id) !== outcome && outcome === 'incomplete') counts.drillsIncomplete += 1;
    if (seen.get(id) !== outcome && outcome === 'aborted') counts.drillsAborted += 1;
    seen.set(id, outcome);
    for (const { group, state: row } of rows) {
      const name = `${id} ${group}`;
      if (seen.get(name) === row) continue;
      seen.set(name, row);
      if (row === 'moved') counts.groupsMoved += 1;
      if (row === 'takenBack') counts.groupsTakenBack += 1;
      if (row === 'failed') counts.groupsFailed += 1;
    }
  };

  /** A promotion into an IDC that is being emptied, by what its record says of everybody who was read. */
  const judgePlace = (key: GroupKey, group: BrokerGroup): void => {
    const { phase } = group;
    const record = recordOf(phase);
    if (phase.kind !== 'promoting' || record === null || state === null) return;
    const name = `${key} ${phase.epoch}`;
    if (promoted.has(name) || !OF_ITS_OWN_ACCORD.includes(phase.reason)) return;
    promoted.add(name);
    const { idcStates, stops } = state;
    if (idcStates.size === 0) return;
    const chosen = record.candidates.find(({ chosen: isChosen }) => isChosen);
    if (chosen === undefined) return;
    if (!idcStates.has(chosen.site)) {
      counts.promotedOutOfTheWay += 1;
      return;
    }
    const isOpen = (site: string): boolean =>
      ![...idcStates.keys()].some((idc) => idc === site) &&
      !stops.some(({ scope }) => scope.kind === 'idc' && scope.site === site);
    const asFar = record.candidates.filter(
      ({ site, epoch, offset }) =>
        isOpen(site) && epoch === chosen.epoch && epoch > 0 && offset === chosen.offset,
    );
    demand(
      asFar.length === 0,
      'an IDC that is being emptied gets no master in a tie',
      () => `${key}: ${chosen.replica} before ${asFar.map(({ replica }) => replica)}`,
    );
  };

  committed.onChange((key, _before, { now }) => {
    changed.set(key, now);
  });

  return {
    node: {
      counts,
      decided(node) {
        state = node.loop().state();
        look(state);
        for (const [key, group] of changed) judgePlace(key, group);
        changed.clear();
      },
    },
  };
}
