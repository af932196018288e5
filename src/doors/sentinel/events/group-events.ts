/**
 * What clients are told of the way from one committed state of a group to a later one, in the order in which a Sentinel
 * tells it. States in between may have been passed over, when a node catches up in one go: the whole sequence is told
 * all the same, because clients wait for particular events of it.
 */
import { findReplica, isCaughtUp, masterOf } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, FencingReason, GroupPhase, Replica } from '../../../core/metadata/state.ts';
import { InvariantError, unreachable } from '../../../core/primitives/assert.ts';
import type { ReplicaId } from '../../../core/primitives/identifiers.ts';
import { addressOf } from '../group-directory.ts';
import { masterText, slaveText } from './instance.ts';
import type { Publication } from './publication.ts';

export type Change = {
  readonly name: string;
  readonly before: BrokerGroup | null;
  readonly after: BrokerGroup | null;
  /** Of how many nodes a verdict takes; told with `+odown`. */
  readonly quorum: number;
  /** The last master is known to this node's clients as down already. */
  readonly isToldDown: boolean;
};

const reigned = (group: BrokerGroup): Replica => {
  const master = masterOf(group);
  if (master === null) throw new InvariantError(`group ${group.key} is served and has no master`);
  return master;
};

export function eventsOf(change: Change): readonly Publication[] {
  const { name, before, after, quorum } = change;
  const tell = (channel: string, payload: string): Publication => ({ channel, payload, masterName: name });
  if (after === null) return before === null ? [] : [tell('-monitor', masterText(name, reigned(before)))];
  const master = reigned(after);
  if (before === null) {
    return [
      tell('+monitor', `${masterText(name, master)} quorum ${quorum}`),
      ...slaves(after).map((slave) => tell('+slave', slaveText(name, slave, master))),
    ];
  }
  const told = [...moved(change, before, after, tell), ...rebooted(before, after, name, tell)];
  if (before.detectionMs !== after.detectionMs) {
    told.push(tell('+set', `${masterText(name, master)} down-after-milliseconds ${after.detectionMs}`));
  }
  return told;
}

type Tell = (channel: string, payload: string) => Publication;

const slaves = (group: BrokerGroup): readonly Replica[] =>
  group.replicas.filter((replica) => replica.id !== group.master);

/** Planned moves begin with a master that is alive. */
function isPlanned(reason: FencingReason): boolean {
  switch (reason) {
    case 'switchover':
    case 'adoption':
      return true;
    case 'masterLost':
    case 'masterRestarted':
    case 'operatorFailover':
    case 'promotionFailed':
    case 'observed':
      return false;
    default:
      return unreachable(reason);
  }
}

const epochOf = (group: BrokerGroup): number =>
  group.phase.kind === 'active' ? group.epoch : group.phase.epoch;
const candidateOf = (group: BrokerGroup): Replica | null =>
  group.phase.kind === 'promoting' ? findReplica(group, group.phase.candidate) : null;

function moved(change: Change, before: BrokerGroup, after: BrokerGroup, tell: Tell): Publication[] {
  const { name } = change;
  const old = reigned(before);
  const told: Publication[] = [];
  const isBegun = epochOf(after) > epochOf(before);
  if (isBegun) told.push(...begun(change, old, after, tell));
  const hasReigned = after.phase.kind === 'active' && after.epoch > before.epoch;
  const chosen = hasReigned ? reigned(after) : candidateOf(after);
  if (chosen !== null && chosen.id !== old.id && (isBegun || before.phase.kind !== after.phase.kind)) {
    const wasSelected = !isBegun && before.phase.kind === 'promoting';
    if (!wasSelected) told.push(...selected(name, chosen, old, tell));
  }
  if (hasReigned) told.push(...switched(change, old, reigned(after), after, tell));
  told.push(...caughtUp(name, before, after, tell));
  return told;
}

function begun(
  { name, quorum, isToldDown }: Change,
  old: Replica,
  after: BrokerGroup,
  tell: Tell,
): Publication[] {
  const who = masterText(name, old);
  const isDown = after.phase.kind !== 'active' && !isPlanned(after.phase.reason);
  return [
    ...(isDown && !isToldDown ? [tell('+sdown', who)] : []),
    ...(isDown ? [tell('+odown', `${who} #quorum ${quorum}/${quorum}`)] : []),
    tell('+new-epoch', String(epochOf(after))),
    tell('+try-failover', who),
    tell('+failover-state-select-slave', who),
  ];
}

function selected(name: string, chosen: Replica, old: Replica, tell: Tell): Publication[] {
  const who = slaveText(name, chosen, old);
  return ['+selected-slave', '+failover-state-send-slaveof-noone', '+failover-state-wait-promotion'].map(
    (channel) => tell(channel, who),
  );
}

function switched(
  { name, isToldDown }: Change,
  old: Replica,
  master: Replica,
  after: BrokerGroup,
  tell: Tell,
): Publication[] {
  const who = masterText(name, old);
  // Reinstated: the last master goes on, and nobody has to move.
  if (master.id === old.id) {
    return [...(isToldDown ? [tell('-sdown', who), tell('-odown', who)] : []), tell('+failover-end', who)];
  }
  const [from, to] = [addressOf(old), addressOf(master)];
  const others = slaves(after).filter(({ id }) => id !== old.id);
  return [
    tell('+promoted-slave', slaveText(name, master, old)),
    tell('+failover-state-reconf-slaves', who),
    ...(isToldDown ? [tell('-odown', who)] : []),
    tell('+switch-master', `${name} ${from.host} ${from.port} ${to.host} ${to.port}`),
    // The last master comes last, as the slave that it has to become.
    ...[...others, old].map((slave) => tell('+slave', slaveText(name, slave, master))),
  ];
}

const follows = (group: BrokerGroup, slave: Replica): boolean =>
  isActive(group.phase) && isCaughtUp(group, slave);

/**
 * The failover is over: all slaves follow the new master but those that are down, and the last master, which may never
 * come back. A Sentinel waits for the same ones.
 */
export const isOver = (
  group: BrokerGroup,
  lastMaster: ReplicaId,
  isDown: (slave: ReplicaId) => boolean,
): boolean =>
  isActive(group.phase) &&
  slaves(group).every((slave) => slave.id === lastMaster || isDown(slave.id) || follows(group, slave));

/** Each slave that now follows this reign's master. */
function caughtUp(name: string, before: BrokerGroup, after: BrokerGroup, tell: Tell): Publication[] {
  if (after.phase.kind !== 'active') return [];
  const master = reigned(after);
  const wasFollowing = (slave: Replica): boolean => before.epoch === after.epoch && follows(before, slave);
  const fresh = slaves(after).filter((slave) => follows(after, slave) && !wasFollowing(slave));
  return fresh.flatMap((slave) => {
    const who = slaveText(name, slave, master);
    return ['+slave-reconf-sent', '+slave-reconf-inprog', '+slave-reconf-done', '+replica-reconf-done'].map(
      (channel) => tell(channel, who),
    );
  });
}

const isActive = (phase: GroupPhase): boolean => phase.kind === 'active';

function rebooted(before: BrokerGroup, after: BrokerGroup, name: string, tell: Tell): Publication[] {
  const master = reigned(after);
  return after.replicas.flatMap((replica) => {
    const old = findReplica(before, replica.id)?.incarnation ?? null;
    if (old === null || replica.incarnation === null || old === replica.incarnation) return [];
    return [
      tell('+reboot', replica.id === master.id ? masterText(name, master) : slaveText(name, replica, master)),
    ];
  });
}
