/** What every action's script gets: the server, the settings, and the steering hand of its term. */

import type { ProducerGrant } from '../../../core/failover/steering.ts';
import type { ServerReport } from '../../../core/liveness/observation.ts';
import type { TailPort, TimerPort } from '../../../core/node/ports.ts';
import type { GroupKey, Incarnation, ReplicaId } from '../../../core/primitives/identifiers.ts';
import {
  closeOtherDoors,
  isGrant,
  producerRules,
  producerUser,
  replicationRules,
  replicationUser,
} from '../access-rules.ts';
import type { Command } from '../connections.ts';
import { derivePassword } from '../derived-passwords.ts';
import { type Step, stop, taken } from '../outcome.ts';
import type { ReadStream } from '../replication-stream.ts';
import type { Hand, HandSettings, HandTarget } from '../steering-hand.ts';

export type Blackhole = { readonly host: string; readonly port: number };

export type DriverSettings = HandSettings & {
  /** Name of the operator's own administrator, whose connections are spared; null when there is none. */
  readonly adminUsername: string | null;
  readonly applicationPassword: string | null;
  readonly blackhole: Blackhole;
};

export type ActionContext = {
  readonly group: GroupKey;
  readonly settings: DriverSettings;
  readonly target: HandTarget;
  readonly replica: ReplicaId;
  readonly timers: TimerPort;
  /** Null on a node that keeps no tails of old masters. */
  readonly tails: TailPort | null;
  readonly readStream: ReadStream;
  /** The steering connection of this term, opened when there is none. */
  hand(): Promise<Step<Hand>>;
};

export const blackholeAddress = ({ host, port }: Blackhole): string => `${host}:${port}`;

/** The server's report, when it still is the process that the leader means. */
export async function expectIncarnation(hand: Hand, expected: Incarnation): Promise<Step<ServerReport>> {
  const report = await hand.report();
  if (!report.ok || report.value.incarnation === expected) return report;
  return stop('mismatch', 'otherIncarnation', `run id is ${report.value.incarnation}, expected ${expected}`);
}

/**
 * Carries out a transaction and reads the server after it. Both leave together: commands of one connection are carried
 * out in their order, so the report is that of the time after, and a client that waits saves one way there and back.
 */
export async function transactAndReport(
  hand: Hand,
  commands: readonly Command[],
): Promise<Step<ServerReport>> {
  const [ordered, report] = await Promise.all([hand.transact(commands), hand.report()]);
  return ordered.ok ? report : ordered;
}

/** The grants that the server has and should not have, and those it should have. */
export type GrantChange = { readonly removals: readonly Command[]; readonly additions: readonly Command[] };

/**
 * Inbound users become exactly those of `members`, producers' users exactly `producer`, and nobody else may
 * replicate. Deleting a user resets
 * its connections; setting one that exists keeps them.
 */
export function grantChange(
  settings: DriverSettings,
  users: readonly string[],
  members: readonly ReplicaId[],
  producer: ProducerGrant | null,
): GrantChange {
  const inbound = members.map(replicationUser);
  const writer = producer === null ? null : producerUser(producer.syncSetVersion);
  const stale = users.filter((name) => isGrant(name) && !inbound.includes(name) && name !== writer);
  return {
    removals: [...closeOtherDoors(users), ...(stale.length === 0 ? [] : [['ACL', 'DELUSER', ...stale]])],
    additions: [
      ...inbound.map((name): Command => {
        const password = derivePassword(settings.steeringSecret, name);
        return ['ACL', 'SETUSER', name, ...replicationRules(password)];
      }),
      ...(writer === null
        ? []
        : [['ACL', 'SETUSER', writer, ...producerRules(settings.applicationPassword)]]),
    ],
  };
}

/** Reads the users back: what the transaction confirmed is what the server now has. */
export async function verifyGrants(
  hand: Hand,
  members: readonly ReplicaId[],
  producer: ProducerGrant | null,
): Promise<Step<null>> {
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const wanted = members.map(replicationUser);
  if (producer !== null) wanted.push(producerUser(producer.syncSetVersion));
  const found = users.value.filter(isGrant).sort();
  const asked = [...new Set(wanted)].sort();
  return found.join(' ') === asked.join(' ')
    ? taken(null)
    : stop('mismatch', 'notVerified', `users are ${found.join(', ')}, expected ${asked.join(', ')}`);
}

/** Connections that replicate from this server as anybody else than `members`, such as a hand-made replica. */
export async function killStrangers(
  hand: Hand,
  members: readonly ReplicaId[],
): Promise<Step<readonly Command[]>> {
  const list = await hand.ask(['CLIENT', 'LIST', 'TYPE', 'replica']);
  if (!list.ok) return list;
  const inbound = members.map(replicationUser);
  const commands: Command[] = [];
  for (const line of String(list.value).split('\n')) {
    const id = /\bid=(\d+)/.exec(line)?.[1];
    const user = /\buser=(\S+)/.exec(line)?.[1] ?? '';
    if (id !== undefined && !inbound.includes(user)) commands.push(['CLIENT', 'KILL', 'ID', id]);
  }
  return taken(commands);
}
