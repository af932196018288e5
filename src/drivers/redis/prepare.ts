/**
 * Making a server's file safe: after it the server boots as a read-only replica of nobody, keeps its data, and
 * knows only the standing users. Grants are never in the file, so a restart revokes them.
 *
 * The file is written while the server follows the blackhole and no grant is in memory. A running master of a
 * prepared group is never rewritten: that would write its fence out of the file.
 */
import { z } from 'zod';
import {
  HARMLESS_ADMIN_COMMANDS,
  handOf,
  isGrant,
  isPolluxUser,
  KEEPER_USER,
  PROBE_USER,
  parseAccessEntry,
  probeRules,
  takesPassword,
  WRITER_USER,
} from './access-rules.ts';
import type { ActionContext } from './actions/context.ts';
import { blackholeAddress } from './actions/context.ts';
import type { Command, Reply } from './connections.ts';
import { derivePassword } from './derived-passwords.ts';
import { isAsManaged, MANAGED_SETTINGS } from './managed-settings.ts';
import { type Step, stop, taken } from './outcome.ts';
import { createKeeper, type Hand, openOwner, withWriter } from './steering-hand.ts';

const configSchema = z.array(z.string());

/** `CONFIG GET` as a map; the server answers names and values in turn. */
export async function readSettings(
  hand: Hand,
  names: readonly string[],
): Promise<Step<ReadonlyMap<string, string>>> {
  const answer = await hand.ask(['CONFIG', 'GET', ...names]);
  if (!answer.ok) return answer;
  const parsed = configSchema.safeParse(answer.value);
  if (!parsed.success) return stop('refused', 'answeredError', 'CONFIG GET: names and values were expected');
  const settings = new Map<string, string>();
  for (let index = 0; index + 1 < parsed.data.length; index += 2) {
    settings.set(parsed.data[index] ?? '', parsed.data[index + 1] ?? '');
  }
  return taken(settings);
}

/** Whether the user could run the command; the server answers OK or a sentence. */
export const mayRun = async (hand: Hand, user: string, command: Command): Promise<Step<boolean>> => {
  const answer = await hand.ask(['ACL', 'DRYRUN', user, ...command]);
  return answer.ok ? taken(answer.value === 'OK') : answer;
};

/** Which of the harmless administrative commands `default` has now, so that restricting it grants nothing new. */
export async function keptCommands(hand: Hand): Promise<Step<readonly (readonly string[])[]>> {
  const kept: (readonly string[])[] = [];
  for (const command of HARMLESS_ADMIN_COMMANDS) {
    const allowed = await mayRun(hand, 'default', dryRunForm(command));
    if (!allowed.ok) return allowed;
    if (allowed.value) kept.push(command);
  }
  return taken(kept);
}

/** A dry run checks the number of arguments as well. */
function dryRunForm(command: Command): Command {
  switch (command.join(' ')) {
    case 'client unblock':
      return [...command, '0'];
    case 'client no-evict':
      return [...command, 'off'];
    default:
      return command;
  }
}

/** Users outside pollux that have rights which a managed server takes from them, each with the reason. */
async function openDoors(hand: Hand, users: readonly string[]): Promise<Step<readonly string[]>> {
  const open: string[] = [];
  for (const name of users.filter((user) => !isPolluxUser(user))) {
    const replicates = await mayRun(hand, name, ['PSYNC', '?', '-1']);
    if (!replicates.ok) return replicates;
    if (replicates.value) open.push(`take replication from user ${name}`);
  }
  const configures = await mayRun(hand, 'default', ['CONFIG', 'REWRITE']);
  if (!configures.ok) return configures;
  if (configures.value) open.push('take administrative commands from user default');
  return taken(open);
}

/**
 * Writes the file as it is: an unprepared server has no fence in it yet, and one that can't be written has to
 * be refused before anything is changed.
 */
export async function proveWritable(owner: Hand): Promise<Step<null>> {
  const users = await owner.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  // A managed server may be a running master, whose fence this would write out of its file.
  if (users.value.includes(KEEPER_USER)) return taken(null);
  const settings = await readSettings(owner, ['aclfile']);
  if (!settings.ok) return settings;
  const commands: Command[] = [['CONFIG', 'REWRITE']];
  if ((settings.value.get('aclfile') ?? '') !== '') commands.push(['ACL', 'SAVE']);
  for (const command of commands) {
    const written = await owner.ask(command);
    if (!written.ok) return unwritable(written.detail, written);
  }
  return taken(null);
}

function unwritable(detail: string, stopped: Step<Reply>): Step<null> {
  if (stopped.ok || stopped.reason !== 'refused' || stopped.code !== 'answeredError') {
    return stopped.ok ? taken(null) : stopped;
  }
  const code = detail.includes('without a config file') ? 'noConfigFile' : 'notWritable';
  return stop('refused', code, detail);
}

/**
 * First contact with a server that does not know the keeper of this secret. Refused, with nothing changed,
 * when another pollux manages it, when its operator uses names that belong to pollux, or when its file can't
 * be written.
 */
export async function takeOnServer(context: ActionContext): Promise<Step<null>> {
  const owner = await openOwner(context.settings, context.target);
  if (!owner.ok) return owner;
  try {
    const users = await owner.value.askForStrings(['ACL', 'USERS']);
    if (!users.ok) return users;
    const foreign = foreignUsers(users.value);
    if (foreign !== null) return foreign;
    const writable = await proveWritable(owner.value);
    if (!writable.ok) return writable;
    const created = await createKeeper(owner.value, context.settings);
    return created.ok ? taken(null) : created;
  } finally {
    owner.value.close();
  }
}

/** Why the users of an unprepared server forbid to take it on; null when they don't. */
export function foreignUsers(users: readonly string[]) {
  if (users.includes(KEEPER_USER)) {
    return stop(
      'refused',
      'otherSecret',
      'the server is managed with another steering secret; release it there first',
    );
  }
  const reserved = users.filter((name) => isPolluxUser(name) && name !== WRITER_USER);
  if (reserved.length === 0) return null;
  return stop('refused', 'reservedUserNames', `these users' names are reserved: ${reserved.join(', ')}`);
}

/**
 * Writes the file of a fenced server. On failure the probe user, which says that the file is safe, is taken
 * back. Closes `hand`: its user must not be in memory while the file is written.
 */
export async function makeFileSafe(context: ActionContext, hand: Hand): Promise<Step<null>> {
  const { settings } = context;
  const found = await readSettings(hand, ['aclfile']);
  if (!found.ok) return found;
  const set = await hand.ask(['CONFIG', 'SET', ...MANAGED_SETTINGS.flat()]);
  if (!set.ok) return set;
  hand.close();
  const hasAccessFile = (found.value.get('aclfile') ?? '') !== '';
  const written = await withWriter(settings, context.target, async (writer, users) => {
    const temporary = users.filter((name) => handOf(name) !== null || isGrant(name));
    const probePassword = derivePassword(settings.steeringSecret, PROBE_USER);
    const answer = await writer.transact([
      ...(temporary.length === 0 ? [] : [['ACL', 'DELUSER', ...temporary]]),
      ['ACL', 'SETUSER', PROBE_USER, ...probeRules(probePassword)],
      ['ACL', 'SETUSER', WRITER_USER, 'off', 'resetpass'],
      ['CONFIG', 'REWRITE'],
      ...(hasAccessFile ? [['ACL', 'SAVE']] : []),
    ]);
    if (!answer.ok) await writer.ask(['ACL', 'DELUSER', PROBE_USER]);
    return answer;
  });
  if (!written.ok) return unwritable(written.detail, written);
  return verifyPrepared(context);
}

/** Reads back, through commands alone, what the file was written from. */
async function verifyPrepared(context: ActionContext): Promise<Step<null>> {
  const hand = await context.hand();
  if (!hand.ok) return hand;
  const state = await readPreparation(hand.value, context);
  if (!state.ok) return state;
  const follows = await readSettings(hand.value, ['replicaof']);
  if (!follows.ok) return follows;
  const { host, port } = context.settings.blackhole;
  if (follows.value.get('replicaof') !== `${host} ${port}`) {
    return stop(
      'mismatch',
      'notVerified',
      `the server no longer follows ${blackholeAddress({ host, port })}`,
    );
  }
  return state.value.prepared
    ? taken(null)
    : stop('mismatch', 'notVerified', `still to do: ${state.value.missing.join('; ')}`);
}

export type Preparation = {
  readonly prepared: boolean;
  /** The keeper is there and takes the password of this secret. */
  readonly knowsKeeper: boolean;
  readonly missing: readonly string[];
};

/** What preparing would still change, a line each; nothing when the server is prepared. */
export async function readPreparation(hand: Hand, context: ActionContext): Promise<Step<Preparation>> {
  const { steeringSecret } = context.settings;
  const missing: string[] = [];
  const list = await hand.askForStrings(['ACL', 'LIST']);
  if (!list.ok) return list;
  const entries = list.value.map(parseAccessEntry);
  const knows = (name: string): boolean => {
    const entry = entries.find((candidate) => candidate?.name === name) ?? null;
    return entry !== null && takesPassword(entry, derivePassword(steeringSecret, name));
  };
  const knowsKeeper = knows(KEEPER_USER);
  if (!knowsKeeper)
    missing.push(`create user ${KEEPER_USER}: it may create the steering user of a term, no more`);
  if (!knows(PROBE_USER)) missing.push(`create user ${PROBE_USER}: PING and INFO, no more`);
  const open = await openDoors(
    hand,
    entries.flatMap((entry) => (entry === null ? [] : [entry.name])),
  );
  if (!open.ok) return open;
  missing.push(...open.value);
  const settings = await readSettings(
    hand,
    MANAGED_SETTINGS.map(([name]) => name),
  );
  if (!settings.ok) return settings;
  for (const [name, value] of MANAGED_SETTINGS) {
    const now = settings.value.get(name);
    if (!isAsManaged(name, value, now)) missing.push(`set ${name} ${value} (is ${now ?? 'unknown'})`);
  }
  return taken({ prepared: missing.length === 0, knowsKeeper, missing });
}
