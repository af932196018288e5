/**
 * Random walks through the state: small numbers are turned into commands that fit the state at hand more often than
 * not, so that a walk gets through many reigns and still meets refusals of every kind.
 */
import fc from 'fast-check';
import type { Command } from '../../../src/core/metadata/command.ts';
import { activeSyncSet, highestEpoch } from '../../../src/core/metadata/queries.ts';
import type { BrokerGroup, MetadataState, SyncSetMember } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  consumerGroupName,
  epoch,
  type GroupKey,
  groupKey,
  groupName,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  siteName,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import { addGroup, addTopic, bootstrap, drillBegin, drillNote, MAIN, note } from './ledger.ts';

export type Intent = {
  readonly act: number;
  readonly group: number;
  readonly replica: number;
  readonly amount: number;
  /** Now and then a number is off by one. */
  readonly slip: number;
};

export const intents = fc.array(
  fc.record<Intent>({
    act: fc.nat(38),
    group: fc.nat(1),
    replica: fc.nat(2),
    amount: fc.nat(40),
    slip: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, -1),
  }),
  { maxLength: 120, size: 'max' },
);

const NAMES = ['orders', 'stock'] as const;

/** The next step of the group's phase, whatever that is. */
function advance(group: BrokerGroup, intent: Intent, wallMs: number): Command {
  const { phase, key } = group;
  const highest = highestEpoch(group);
  const slipped = epoch(Math.max(0, highest + intent.slip));
  const candidate = group.replicas[intent.replica % group.replicas.length] ?? group.replicas[0];
  if (phase.kind === 'active' || candidate === undefined) return refence(group, intent, wallMs);
  if (phase.kind === 'promoting') {
    return {
      type: 'group.activate',
      key,
      epoch: slipped,
      lineage: lineage(`lineage-${highest}`),
      reinstated: candidate.id === group.master,
      wallMs,
    };
  }
  const members = membersOf(group, candidate.id, intent);
  return {
    type: 'group.promote',
    key,
    epoch: slipped,
    candidate: candidate.id,
    incarnation: incarnation(`run-${intent.amount}`),
    cut: group.floor + BigInt(intent.amount) - 5n < 0n ? 0n : group.floor + BigInt(intent.amount) - 5n,
    cutLineage: group.reigns.at(-1)?.lineage ?? lineage('first'),
    cutEpoch: knownEpoch(group, intent.amount),
    branches: group.givenUp.slice(0, intent.amount % 3).map(({ epoch: number }) => ({
      epoch: number,
      lineage: lineage(`branch-${number + intent.slip}`),
    })),
    members,
    rule: intent.amount % 5 === 0 ? { kind: 'allOf' } : { kind: 'anyOf', k: intent.amount % 4 },
    degraded: false,
    predictedLossBytes: intent.amount % 2 === 0 ? null : 7n,
    candidates: [
      {
        replica: candidate.id,
        site: candidate.site,
        offset: 5n,
        epoch: group.epoch,
        chosen: true,
        detail: 'best',
      },
    ],
    incarnations: members.map(({ replica, incarnation: run }) => ({ replica, incarnation: run })),
    wallMs,
  };
}

/** Of a reign or a promotion that was given up, as a chooser would name it; now and then of none. */
function knownEpoch(group: BrokerGroup, amount: number): BrokerGroup['epoch'] | null {
  const known = [...group.givenUp, ...group.reigns.slice(-2)];
  return known[amount % (known.length + 1)]?.epoch ?? null;
}

function membersOf(group: BrokerGroup, master: string | null, intent: Intent): SyncSetMember[] {
  return group.replicas
    .filter((replica, position) => replica.id !== master && position !== intent.amount % 7)
    .map((replica) => ({
      replica: replica.id,
      incarnation: incarnation(`run-${intent.amount}`),
      caughtUp: intent.amount % 2 === 0,
    }));
}

function refence(group: BrokerGroup, intent: Intent, wallMs: number): Command {
  const highest = highestEpoch(group);
  const reasons = ['masterLost', 'switchover', 'operatorFailover', 'promotionFailed'] as const;
  return {
    type: 'group.fence',
    key: group.key,
    expectedEpoch: highest,
    epoch: epoch(Math.max(0, highest + 1 + intent.slip)),
    reason: group.phase.kind === 'active' ? (reasons[intent.amount % 3] ?? 'masterLost') : 'promotionFailed',
    preferred: null,
    unsafe: intent.amount % 6 === 0,
    recordId: `${group.key}-${highest + 1}`,
    by: 'node-a',
    note: '',
    evidence: [],
    wallMs,
  };
}

/** Commands of the running reign, and of the phases; `act` picks. */
function steer(group: BrokerGroup, intent: Intent, wallMs: number): Command {
  const { key } = group;
  const at = { key, epoch: epoch(Math.max(0, group.epoch + intent.slip)) };
  const last = activeSyncSet(group);
  const version = last?.version ?? 0;
  if (intent.act < 10) return advance(group, intent, wallMs);
  if (intent.act === 10) return refence(group, intent, wallMs);
  if (intent.act < 14) {
    const members = membersOf(group, group.master, intent);
    return {
      type: 'group.changeSyncSet',
      ...at,
      expectedVersion: version,
      members,
      rule: { kind: 'anyOf', k: intent.amount % 3 },
      degraded: intent.amount % 2 === 0,
      incarnations: members.map(({ replica, incarnation: run }) => ({ replica, incarnation: run })),
      detail: 'changed',
      wallMs,
    };
  }
  if (intent.act === 14)
    return { type: 'group.settleRules', ...at, keepFrom: Math.max(0, version + intent.slip) };
  if (intent.act === 15) {
    const replicas = last?.members.slice(0, 1).map((member) => member.replica) ?? [];
    return { type: 'group.markCaughtUp', ...at, version, replicas };
  }
  const reign = group.reigns.at(-1);
  if (intent.amount % 3 === 0 && reign !== undefined)
    return {
      type: 'group.noteLineage',
      ...at,
      incarnation: reign.incarnation,
      formerLineage: reign.lineage,
      lineage: lineage(`${group.name}-${wallMs}`),
      cut: reign.cut + BigInt(intent.amount) - 1n < 0n ? 0n : reign.cut + BigInt(intent.amount) - 1n,
    };
  return {
    type: 'group.raiseFloor',
    ...at,
    floor: group.floor + BigInt(intent.amount) - 1n < 0n ? 0n : group.floor + BigInt(intent.amount) - 1n,
  };
}

/** Commands around the groups. */
function arrange(
  state: MetadataState,
  intent: Intent,
  name: (typeof NAMES)[number],
  wallMs: number,
): Command {
  const group = groupKey(MAIN, groupName(name));
  const word = `word-${intent.amount % 4}`;
  switch (intent.act) {
    case 17:
      return { type: 'group.remove', key: group };
    case 18:
      if (intent.amount % 3 === 0)
        return { type: 'group.acknowledge', key: group, by: word, note: '', wallMs };
      return {
        type: 'group.set',
        key: group,
        policy: 'majority',
        onShortage: null,
        timeFenceSeconds: intent.amount,
        detectionMs: intent.amount % 2 === 0 ? null : 100 + intent.amount,
        cooldownMs: intent.amount,
        by: word,
        wallMs,
      };
    case 19:
      if (intent.amount % 2 === 0)
        return note(state.groups.get(group)?.epoch ?? 0, {
          key: group,
          recordId: `note-${intent.amount % 8}`,
          outcome: intent.amount % 4 === 0 ? 'unprovable' : 'refuted',
          wallMs,
        });
      return {
        type: 'history.addStep',
        recordId: state.history.at(-1)?.id ?? 'none',
        step: 's',
        detail: word,
        measuredLossBytes: intent.amount % 2 === 0 ? null : BigInt(intent.amount),
        wallMs,
      };
    case 20:
    case 21:
      return addTopic(word, { queues: [{ group, readQueues: 1 + intent.amount, writeQueues: 1 }] });
    case 22:
      return { type: 'topic.remove', cluster: MAIN, name: topicName(word) };
    case 23:
      return {
        type: 'consumerGroup.add',
        cluster: MAIN,
        name: consumerGroupName(word),
        owner: word,
        labels: { z: '1', a: word },
      };
    case 24:
      return {
        type: 'automatic.stop',
        stop: {
          scope: { kind: 'group', group },
          by: word,
          reason: '',
          sinceWallMs: wallMs,
          untilWallMs: null,
        },
      };
    case 25:
      return {
        type: 'automatic.stop',
        stop: {
          scope: { kind: 'idc', site: siteName('idc-a') },
          by: word,
          reason: '',
          sinceWallMs: wallMs,
          untilWallMs: 7,
        },
      };
    case 26:
      if (intent.amount % 3 === 0) {
        const scope = { kind: 'idc', site: siteName('idc-a') } as const;
        return { type: 'automatic.expire', scope, untilWallMs: 7, wallMs };
      }
      return { type: 'automatic.resume', scope: { kind: 'group', group }, by: word, wallMs };
    case 27:
      return { type: 'keyValue.remove', key: word };
    case 31:
      return drillBegin({
        drillId: `drill-${wallMs}`,
        kind: intent.amount % 3 === 0 ? 'return' : 'evacuation',
        idc: siteName(intent.amount % 2 === 0 ? 'idc-a' : 'idc-b'),
        parallel: 1 + (intent.amount % 2),
        wallMs,
      });
    case 32:
    case 33:
    case 34:
      return noteOf(state, group, intent, wallMs);
    case 35:
      return { type: 'drill.abort', idc: siteName('idc-a'), by: word, wallMs };
    case 36:
      return {
        type: 'return.setRule',
        scope: intent.amount % 2 === 0 ? { kind: 'all' } : { kind: 'group', group },
        rule:
          intent.amount % 5 === 0
            ? null
            : { preferredIdc: siteName('idc-b'), returnAfterMs: intent.amount % 3 === 0 ? null : 5_000 },
        by: word,
        wallMs,
      };
    case 28:
      return { type: 'token.add', token: { ...bootstrap.token, id: word } };
    case 29:
      return bootstrap;
    case 30:
      return {
        type: 'member.join',
        node: bootstrap.members[intent.replica]?.name ?? nodeName('unknown'),
        directoryId: word,
        ...(intent.amount % 2 === 0 ? { isReplacement: true } : {}),
      };
    default:
      return { type: 'keyValue.set', key: word, value: `${intent.amount}` };
  }
}

/** The next state of the group's row in the newest drill, mostly of the row as it is. */
function noteOf(state: MetadataState, group: GroupKey, intent: Intent, wallMs: number): Command {
  const kept = state.drillMoves.get(group);
  const expected = {
    state: kept?.state ?? 'waiting',
    attempts: (kept?.attempts ?? 0) + Math.max(0, intent.slip),
  };
  const ends = ['moved', 'waiting', 'failed', 'takenBack', 'moving'] as const;
  return drillNote({
    drillId: state.drills.at(-1)?.id ?? 'none',
    group,
    expected,
    state: expected.state === 'waiting' ? 'moving' : (ends[intent.amount % ends.length] ?? 'moved'),
    from: state.groups.get(group)?.replicas[0]?.id ?? replicaId('nobody'),
    to: state.groups.get(group)?.replicas[intent.replica]?.id ?? null,
    attempts: expected.attempts + (intent.amount % 2),
    wallMs,
  });
}

/** Commands of a group that somebody else steers. */
function watch(group: BrokerGroup, intent: Intent, step: number): Command {
  const { key, phase } = group;
  if (intent.act === 3) {
    const taken = { preferredMaster: group.master, recordId: `taken-${step}`, by: 'operator' } as const;
    return { type: 'group.take', key, ...taken, wallMs: step };
  }
  const master = must(group.replicas[intent.replica] ?? group.replicas[0], 'a group has replicas');
  const next = phase.kind === 'active' ? group.epoch + (intent.act % 2) : phase.epoch;
  return {
    type: 'group.observe',
    key,
    epoch: epoch(Math.max(0, next + intent.slip)),
    master: master.id,
    incarnation: incarnation(`run-${intent.amount}`),
    lineage: lineage(`seen-${step}`),
    cut: BigInt(intent.amount),
    members: membersOf(group, master.id, intent).map(({ replica, incarnation: run }) => ({
      replica,
      incarnation: run,
    })),
    rule: { kind: 'anyOf', k: intent.amount % 3 },
    degraded: false,
    recordId: `seen-${step}`,
    detail: 'seen',
    wallMs: step,
  };
}

/** What the intent comes to in this state. */
export function commandOf(state: MetadataState, intent: Intent, step: number): Command {
  if (state.tierId === null) return bootstrap;
  const name = NAMES[intent.group] ?? 'orders';
  const group = state.groups.get(groupKey(MAIN, groupName(name)));
  if (intent.act > 16) return arrange(state, intent, name, step);
  if (group?.watchOnly === true && intent.amount % 5 > 0) return watch(group, intent, step);
  if (group !== undefined) return steer(group, intent, step);
  const watchOnly = intent.amount % 4 === 0;
  const record = { recordId: `adoption-${step}`, wallMs: step };
  return addGroup(name, name === 'orders' ? 7_101 : 9_101, { ...record, watchOnly });
}
