/**
 * One steering hand a server. Redis compares no epochs, so delayed commands are stopped by the server's access list:
 * every term, and within a term every way that the leader takes to a server, steers as a user of its own, and
 * whoever comes later deletes the earlier users, which resets their connections. A hand that is opened anew deletes
 * its own user as well: what an earlier connection of it left on its way must not arrive among later commands.
 *
 * The order makes it safe against two hands that arrive at once: a hand first creates its user, then looks who
 * else is there. Whichever looks second sees the other, and the older one gives way.
 */
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import type { ServerReport } from '../../core/liveness/observation.ts';
import {
  type HandOrder,
  handOf,
  isNewerHand,
  KEEPER_USER,
  keeperRules,
  steeringRules,
  steeringUser,
  WRITER_USER,
  writerRules,
} from './access-rules.ts';
import type { Command, Connection, Credentials, OpenConnection, Reply } from './connections.ts';
import { derivePassword } from './derived-passwords.ts';
import { type InfoFields, parseInfo, REPORT_SECTIONS, serverReport } from './info-report.ts';
import { REDIS_LIMITS } from './limits.ts';
import { type Step, stop, stopFrom, taken } from './outcome.ts';

const stringsSchema = z.array(z.string());

/** What a script of an action works with: one logged-in connection to one server. */
export type Hand = {
  ask(command: Command): Promise<Step<Reply>>;
  askForStrings(command: Command): Promise<Step<readonly string[]>>;
  transact(commands: readonly Command[]): Promise<Step<readonly Reply[]>>;
  info(sections: readonly string[]): Promise<Step<InfoFields>>;
  /** Of what a report is made. */
  reportFields(): Promise<Step<InfoFields>>;
  report(): Promise<Step<ServerReport>>;
  isOpen(): boolean;
  close(): void;
};

export type HandSettings = {
  readonly steeringSecret: string;
  readonly tls: ConnectionOptions | null;
  /** The account of servers that are not prepared yet. */
  readonly owner: Credentials;
};

/** Where a hand reaches and through which door, and whether its term is still the newest that this node was asked to serve. */
export type HandTarget = HandOrder & {
  readonly address: string;
  readonly openConnection: OpenConnection;
  isCurrent(): boolean;
};

const superseded = (target: HandTarget) =>
  stop('superseded', 'superseded', `a newer hand than that of term ${target.term} steers ${target.address}`);

export function reportFrom(fields: InfoFields): Step<ServerReport> {
  const report = serverReport(fields);
  return report === null
    ? stop('refused', 'notADataServer', 'INFO is not that of a master or a slave')
    : taken(report);
}

function handOn(connection: Connection, target: HandTarget): Hand {
  const timeoutMs = REDIS_LIMITS.steerCommandTimeoutMs;
  const ask = async (command: Command): Promise<Step<Reply>> => {
    if (!target.isCurrent()) return superseded(target);
    const answer = await connection.call(command, timeoutMs);
    return answer.ok ? answer : stopFrom(answer);
  };
  const info = async (sections: readonly string[]): Promise<Step<InfoFields>> => {
    const answer = await ask(['INFO', ...sections]);
    return answer.ok ? taken(parseInfo(String(answer.value))) : answer;
  };
  const reportFields = (): Promise<Step<InfoFields>> => info(REPORT_SECTIONS);
  return {
    ask,
    info,
    askForStrings: async (command) => {
      const answer = await ask(command);
      if (!answer.ok) return answer;
      const parsed = stringsSchema.safeParse(answer.value);
      return parsed.success
        ? taken(parsed.data)
        : stop('refused', 'answeredError', `${command[0]}: a list of texts was expected`);
    },
    transact: async (commands) => {
      if (!target.isCurrent()) return superseded(target);
      const answer = await connection.transaction(commands, timeoutMs);
      return answer.ok ? answer : stopFrom(answer);
    },
    reportFields,
    report: async () => {
      const fields = await reportFields();
      return fields.ok ? reportFrom(fields.value) : fields;
    },
    isOpen: () => connection.isOpen(),
    close: () => connection.close(),
  };
}

async function openAs(
  settings: HandSettings,
  target: HandTarget,
  credentials: Credentials,
): Promise<Step<Hand>> {
  if (!target.isCurrent()) return superseded(target);
  const opened = await target.openConnection({
    address: target.address,
    credentials,
    tls: settings.tls,
    timeoutMs: REDIS_LIMITS.steerConnectTimeoutMs,
  });
  return opened.ok ? taken(handOn(opened.value, target)) : stopFrom(opened);
}

const derived = (settings: HandSettings, username: string) => ({
  username,
  password: derivePassword(settings.steeringSecret, username),
});

/** The operator's account, for servers without the standing users. */
export const openOwner = (settings: HandSettings, target: HandTarget): Promise<Step<Hand>> =>
  openAs(settings, target, settings.owner);

/** A connection as a replication user that exists; only to start a stream, never to hold data. */
export const openReplica = (
  settings: HandSettings,
  target: HandTarget,
  username: string,
): Promise<Step<Hand>> => openAs(settings, target, derived(settings, username));

async function openKeeper(settings: HandSettings, target: HandTarget): Promise<Step<Hand>> {
  const keeper = await openAs(settings, target, derived(settings, KEEPER_USER));
  if (keeper.ok || keeper.code !== 'wrongPassword') return keeper;
  return stop(
    'refused',
    'notPrepared',
    `${target.address} does not know ${KEEPER_USER} of this steering secret`,
  );
}

function knowsNewerHand(users: readonly string[], target: HandTarget): boolean {
  const hands = users.flatMap((name) => handOf(name) ?? []);
  return hands.some((hand) => isNewerHand(hand, target));
}

/** Puts this hand's user in place, without any earlier connection of it, and every older one out of it. */
async function takeOver(keeper: Hand, settings: HandSettings, target: HandTarget): Promise<Step<null>> {
  const own = derived(settings, steeringUser(target));
  const [dropped, created] = await Promise.all([
    keeper.ask(['ACL', 'DELUSER', own.username]),
    keeper.ask(['ACL', 'SETUSER', own.username, ...steeringRules(own.password)]),
  ]);
  if (!dropped.ok) return dropped;
  if (!created.ok) return created;
  const users = await keeper.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const others = users.value.filter((name) => name !== own.username && handOf(name) !== null);
  if (knowsNewerHand(others, target)) {
    await keeper.ask(['ACL', 'DELUSER', own.username]);
    return superseded(target);
  }
  const leftovers = [...others, ...users.value.filter((name) => name === WRITER_USER)];
  if (leftovers.length === 0) return taken(null);
  const deleted = await keeper.ask(['ACL', 'DELUSER', ...leftovers]);
  return deleted.ok ? taken(null) : deleted;
}

/** The steering connection of a hand; `notPrepared` where the server has no standing users of this secret. */
export async function openHand(settings: HandSettings, target: HandTarget): Promise<Step<Hand>> {
  const keeper = await openKeeper(settings, target);
  if (!keeper.ok) return keeper;
  try {
    const inPlace = await takeOver(keeper.value, settings, target);
    if (!inPlace.ok) return inPlace;
    const hand = await openAs(settings, target, derived(settings, steeringUser(target)));
    // The user was there a moment ago: only a newer hand deletes it.
    return !hand.ok && hand.code === 'wrongPassword' ? superseded(target) : hand;
  } finally {
    keeper.value.close();
  }
}

/** Creates the standing keeper on a server that does not know it, with the operator's account. */
export const createKeeper = (owner: Hand, settings: HandSettings): Promise<Step<Reply>> =>
  owner.ask(['ACL', 'SETUSER', KEEPER_USER, ...keeperRules(derived(settings, KEEPER_USER).password)]);

/**
 * Runs `work` as the user that may write the server's file. The same order as for a hand: created first, then
 * looked around, so that a newer hand either is seen or deletes this user with its connection.
 */
export async function withWriter<Value>(
  settings: HandSettings,
  target: HandTarget,
  work: (writer: Hand, users: readonly string[]) => Promise<Step<Value>>,
): Promise<Step<Value>> {
  const keeper = await openKeeper(settings, target);
  if (!keeper.ok) return keeper;
  const own = derived(settings, WRITER_USER);
  try {
    const created = await keeper.value.ask(['ACL', 'SETUSER', own.username, ...writerRules(own.password)]);
    if (!created.ok) return created;
    const writer = await openAs(settings, target, own);
    if (!writer.ok) return writer;
    try {
      const users = await writer.value.askForStrings(['ACL', 'USERS']);
      if (!users.ok) return users;
      if (knowsNewerHand(users.value, target)) return superseded(target);
      return await work(writer.value, users.value);
    } finally {
      writer.value.close();
    }
  } finally {
    await keeper.value.ask(['ACL', 'DELUSER', own.username]);
    keeper.value.close();
  }
}
