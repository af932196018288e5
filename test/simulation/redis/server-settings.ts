/**
 * Settings of a server, in memory and in its file. They are apart: what is set on a running server is gone with its
 * process, unless somebody has the file written.
 */
import { User } from './access-list.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  bind: '* -::*',
  save: '',
  appendonly: 'no',
  aclfile: '',
  masteruser: '',
  masterauth: '',
  maxclients: '10000',
  'min-replicas-to-write': '0',
  'min-replicas-max-lag': '10',
  'repl-backlog-size': '1048576',
  'repl-backlog-ttl': '3600',
  'repl-diskless-sync': 'yes',
  'repl-diskless-sync-delay': '5',
  'repl-ping-replica-period': '10',
  'repl-timeout': '60',
  'replica-read-only': 'yes',
  'replica-serve-stale-data': 'yes',
};

export type MasterAddress = { readonly host: string; readonly port: number };

/** What a configuration file says. */
export type ServerFile = {
  readonly settings: ReadonlyMap<string, string>;
  readonly users: readonly User[];
  readonly replicaOf: MasterAddress | null;
};

export class ServerSettings {
  readonly #values: Map<string, string>;

  constructor(given: ReadonlyMap<string, string>) {
    this.#values = new Map([...Object.entries(DEFAULTS), ...given]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    return this.#values.get(name) ?? '';
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  isOn(name: string): boolean {
    return this.text(name) === 'yes';
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  reset(name: string): void {
    this.#values.set(name, DEFAULTS[name] ?? '');
  }

  changed(): ReadonlyMap<string, string> {
    return new Map([...this.#values].filter(([name, value]) => DEFAULTS[name] !== value));
  }
}

/** Reads the lines of a `redis.conf`, as far as the model knows them. */
export function parseServerFile(text: string): ServerFile {
  const settings = new Map<string, string>();
  const users: User[] = [];
  let replicaOf: MasterAddress | null = null;
  for (const line of text.split('\n')) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    const value = words.join(' ').replaceAll('"', '');
    if (name === 'user') users.push(User.withRules(words[0] ?? '', words.slice(1)));
    else if (name === 'replicaof') replicaOf = { host: words[0] ?? '', port: Number(words[1]) };
    else if (name !== '' && DEFAULTS[name] !== undefined) settings.set(name, value);
  }
  return { settings, users, replicaOf };
}
