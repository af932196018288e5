/**
 * Who may do what on a managed server. Two standing users are in the server's file and can neither replicate nor
 * configure; everything that grants (`ns-`, `repl-`, `w-`) exists in memory only, so that a restart revokes it.
 */
import { type ReplicaId, type Term, term } from '../../core/primitives/identifiers.ts';
import { passwordHashRule } from './derived-passwords.ts';

/** Standing: creates the steering user of a term, and can do nothing else. */
export const KEEPER_USER = 'pollux-keeper';
/** Standing: asks a server how it is. Its presence also says that the server's file was written safe. */
export const PROBE_USER = 'pollux-probe';
/**
 * Writes the file, while it is prepared. It disables itself in the same transaction, because `CONFIG REWRITE`
 * persists every user that exists: the line that stays in the file has no password and is off.
 */
export const WRITER_USER = 'pollux-writer';

/**
 * Which hand steers: that of the later term, and within a term the one on the way to the server that the leader took
 * last.
 */
export type HandOrder = { readonly term: Term; readonly path: number };

export const steeringUser = ({ term, path }: HandOrder): string =>
  path === 0 ? `ns-${term}` : `ns-${term}-${path}`;
export const replicationUser = (replica: ReplicaId): string => `repl-${replica}`;
export const producerUser = (syncSetVersion: number): string => `w-${syncSetVersion}`;

/** The hand that a steering user's name stands for; null when the name is not one. */
export function handOf(userName: string): HandOrder | null {
  const match = /^ns-(\d{1,15})(?:-(\d{1,15}))?$/.exec(userName);
  return match === null ? null : { term: term(Number(match[1])), path: Number(match[2] ?? 0) };
}

export const isNewerHand = (one: HandOrder, other: HandOrder): boolean =>
  one.term === other.term ? one.path > other.path : one.term > other.term;

export const isReplicationUser = (userName: string): boolean => userName.startsWith('repl-');
export const isProducerUser = (userName: string): boolean => /^w-\d+$/.test(userName);
/** Users whose deletion stops acknowledgements: they replicate from this server, or write to it. */
export const isGrant = (userName: string): boolean => isReplicationUser(userName) || isProducerUser(userName);
export const isPolluxUser = (userName: string): boolean =>
  userName === KEEPER_USER ||
  userName === PROBE_USER ||
  userName === WRITER_USER ||
  handOf(userName) !== null ||
  isGrant(userName);

/** Commands that change who replicates from whom, or that undo a fence; `@admin` has most of them. */
const DANGEROUS_TO_REPLICATION: readonly string[] = [
  '-@admin',
  '-psync',
  '-sync',
  '-replconf',
  '-replicaof',
  '-slaveof',
  '-failover',
  '-acl',
  '-config',
  '-debug',
  '-shutdown',
  '-module',
  '-monitor',
  '-cluster',
  '-client|kill',
  '-client|pause',
  '-client|unpause',
];

/**
 * Taken from every user that is not pollux's own, the administrator included: whoever attaches to a master
 * satisfies its WAIT, so only members may.
 */
const MAY_NOT_REPLICATE: readonly string[] = ['-psync', '-sync', '-replconf'];

/** Commands that close the door for users outside pollux; done again on a closed door they change nothing. */
export const closeOtherDoors = (users: readonly string[]): readonly (readonly string[])[] =>
  users.filter((name) => !isPolluxUser(name)).map((name) => ['ACL', 'SETUSER', name, ...MAY_NOT_REPLICATE]);

/**
 * Harmless members of `@admin` that applications, BullMQ, Sentinel clients and exporters lean on. A user gets
 * back only those it had.
 */
export const HARMLESS_ADMIN_COMMANDS: readonly (readonly string[])[] = [
  ['acl', 'whoami'],
  ['client', 'list'],
  ['client', 'unblock'],
  ['client', 'no-evict'],
  ['cluster', 'info'],
  ['lastsave'],
  ['latency', 'latest'],
  ['latency', 'histogram'],
  ['role'],
  ['slowlog', 'get'],
  ['slowlog', 'len'],
];

const allow = (command: readonly string[]): string => `+${command.join('|')}`;

/**
 * What `default` is changed by: keys, channels and passwords stay as the operator set them. `kept` are those of
 * {@link HARMLESS_ADMIN_COMMANDS} that it could run before.
 */
export const restrictedRules = (kept: readonly (readonly string[])[]): readonly string[] => [
  ...DANGEROUS_TO_REPLICATION,
  ...kept.map(allow),
];

const fresh = (password: string, ...rules: readonly string[]): readonly string[] => [
  'reset',
  'on',
  passwordHashRule(password),
  ...rules,
];

export const keeperRules = (password: string): readonly string[] =>
  fresh(
    password,
    '+acl|setuser',
    '+acl|deluser',
    '+acl|users',
    '+acl|list',
    '+acl|getuser',
    '+acl|whoami',
    '+ping',
    '+client|setname',
  );

export const probeRules = (password: string): readonly string[] => fresh(password, '+ping', '+info');

export const steeringRules = (password: string): readonly string[] =>
  fresh(
    password,
    '+acl|setuser',
    '+acl|deluser',
    '+acl|users',
    '+acl|list',
    '+acl|dryrun',
    '+config|get',
    '+config|set',
    '+client|kill',
    '+client|list',
    '+client|pause',
    '+client|unpause',
    '+replicaof',
    '+multi',
    '+exec',
    '+discard',
    '+info',
    '+ping',
    '+pubsub|numsub',
    '&*',
  );

export const writerRules = (password: string): readonly string[] =>
  fresh(
    password,
    '+acl|setuser',
    '+acl|deluser',
    '+acl|users',
    '+acl|save',
    '+config|rewrite',
    '+config|set',
    '+replicaof',
    '+multi',
    '+exec',
    '+discard',
  );

export const replicationRules = (password: string): readonly string[] =>
  fresh(password, '+psync', '+replconf', '+ping');

/** A producer may do what a restricted `default` may do; `null` means that producers need no password. */
export const producerRules = (password: string | null): readonly string[] => [
  'reset',
  'on',
  password === null ? 'nopass' : passwordHashRule(password),
  '~*',
  '&*',
  '+@all',
  ...restrictedRules(HARMLESS_ADMIN_COMMANDS),
];

/** One line of `ACL LIST`. */
export type AccessEntry = { readonly name: string; readonly rules: readonly string[] };

export function parseAccessEntry(line: string): AccessEntry | null {
  const [word, name, ...rules] = line.trim().split(/\s+/);
  return word === 'user' && name !== undefined ? { name, rules } : null;
}

/** Whether the user is enabled and takes exactly this password. */
export const takesPassword = (entry: AccessEntry, password: string): boolean =>
  entry.rules.includes('on') && entry.rules.includes(passwordHashRule(password));
