/** The commands that the model knows: how many words each takes at least, and what kinds it belongs to. */

type CommandFacts = {
  /** Exactly so many words where `exact`, else at least. */
  readonly words: number;
  readonly exact?: boolean;
  readonly categories: readonly string[];
  readonly isWrite?: boolean;
  readonly readsKeys?: boolean;
  /** Answered while the server loads its data. */
  readonly whileLoading?: boolean;
};

const ADMIN = ['admin', 'slow', 'dangerous'] as const;

const TABLE: Readonly<Record<string, CommandFacts>> = {
  ping: { words: 1, categories: ['fast', 'connection'] },
  auth: { words: 2, categories: ['fast', 'connection'], whileLoading: true },
  info: { words: 1, categories: ['slow', 'dangerous'], whileLoading: true },
  multi: { words: 1, exact: true, categories: ['fast', 'transaction'], whileLoading: true },
  exec: { words: 1, exact: true, categories: ['slow', 'transaction'], whileLoading: true },
  discard: { words: 1, exact: true, categories: ['fast', 'transaction'], whileLoading: true },
  set: { words: 3, categories: ['write', 'string', 'slow'], isWrite: true, readsKeys: true },
  get: { words: 2, exact: true, categories: ['read', 'string', 'fast'], readsKeys: true },
  dbsize: { words: 1, exact: true, categories: ['keyspace', 'read', 'fast'] },
  wait: { words: 3, exact: true, categories: ['slow', 'connection'] },
  role: { words: 1, exact: true, categories: ['admin', 'fast', 'dangerous'], whileLoading: true },
  lastsave: { words: 1, exact: true, categories: ['admin', 'fast', 'dangerous'], whileLoading: true },
  psync: { words: 3, categories: ADMIN },
  sync: { words: 1, exact: true, categories: ADMIN },
  replconf: { words: 1, categories: ADMIN, whileLoading: true },
  replicaof: { words: 3, exact: true, categories: ADMIN },
  slaveof: { words: 3, exact: true, categories: ADMIN },
  failover: { words: 1, categories: ADMIN },
  debug: { words: 2, categories: ADMIN, whileLoading: true },
  shutdown: { words: 1, categories: ADMIN, whileLoading: true },
  save: { words: 1, exact: true, categories: ADMIN },
  module: { words: 2, categories: ADMIN },
  monitor: { words: 1, exact: true, categories: ADMIN, whileLoading: true },
  cluster: { words: 2, categories: ADMIN },
  'cluster|info': { words: 2, exact: true, categories: ['slow'] },
  'acl|setuser': { words: 3, categories: ADMIN, whileLoading: true },
  'acl|deluser': { words: 3, categories: ADMIN, whileLoading: true },
  'acl|users': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
  'acl|list': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
  'acl|getuser': { words: 3, exact: true, categories: ADMIN, whileLoading: true },
  'acl|dryrun': { words: 4, categories: ADMIN },
  'acl|save': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
  'acl|whoami': { words: 2, exact: true, categories: ['slow'], whileLoading: true },
  'config|get': { words: 3, categories: ADMIN, whileLoading: true },
  'config|set': { words: 4, categories: ADMIN, whileLoading: true },
  'config|rewrite': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
  'client|list': { words: 2, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|kill': { words: 3, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|pause': { words: 3, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|unpause': { words: 2, exact: true, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|unblock': { words: 3, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|no-evict': { words: 3, exact: true, categories: [...ADMIN, 'connection'], whileLoading: true },
  'client|setname': { words: 3, exact: true, categories: ['slow', 'connection'], whileLoading: true },
  'pubsub|numsub': { words: 2, categories: ['pubsub', 'slow'], whileLoading: true },
  'latency|latest': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
  'latency|histogram': { words: 2, categories: ADMIN, whileLoading: true },
  'slowlog|get': { words: 2, categories: ADMIN, whileLoading: true },
  'slowlog|len': { words: 2, exact: true, categories: ADMIN, whileLoading: true },
};

const CONTAINERS = new Set(['acl', 'config', 'client', 'pubsub', 'latency', 'slowlog']);

/** Name, or name and subcommand, in small letters. */
export function fullName(words: readonly string[]): string {
  const name = (words[0] ?? '').toLowerCase();
  const pair = `${name}|${(words[1] ?? '').toLowerCase()}`;
  return CONTAINERS.has(name) || TABLE[pair] !== undefined ? pair : name;
}

export const factsOf = (command: string): CommandFacts | null => TABLE[command] ?? null;

export const categoriesOf = (command: string): readonly string[] => TABLE[command]?.categories ?? [];

/** Null when the number of words fits. */
export function wrongNumberOfWords(command: string, words: readonly string[]): string | null {
  const facts = factsOf(command);
  if (facts === null) return `ERR unknown command '${words[0] ?? ''}'`;
  const fits = facts.exact === true ? words.length === facts.words : words.length >= facts.words;
  return fits ? null : `ERR wrong number of arguments for '${command}' command`;
}
