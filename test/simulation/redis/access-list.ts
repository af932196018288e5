/** Users of a server and what they may do, as `ACL` knows them: rules in order, the last that names a command decides. */
import { createHash } from 'node:crypto';
import { categoriesOf } from './command-table.ts';

const hashes = new Map<string, string>();

/** SHA-256, remembered: the same few passwords come again and again. */
export function hashOf(password: string): string {
  const known = hashes.get(password);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(password).digest('hex');
  hashes.set(password, hash);
  return hash;
}

export class User {
  readonly name: string;
  enabled = false;
  anyPassword = false;
  allKeys = false;
  allChannels = false;
  readonly #passwords = new Set<string>();
  #rules: string[] = [];
  readonly #judged = new Map<string, boolean>();

  constructor(name: string) {
    this.name = name;
  }

  static withRules(name: string, rules: readonly string[]): User {
    const user = new User(name);
    for (const rule of rules) user.apply(rule);
    return user;
  }

  copy(): User {
    return User.withRules(this.name, this.description().slice(2));
  }

  takes(password: string): boolean {
    return this.enabled && (this.anyPassword || this.#passwords.has(hashOf(password)));
  }

  /** False for a rule that no server understands. */
  apply(rule: string): boolean {
    switch (rule) {
      case 'reset':
        this.#reset();
        return true;
      case 'on':
      case 'off':
        this.enabled = rule === 'on';
        return true;
      case 'nopass':
      case 'resetpass':
        this.anyPassword = rule === 'nopass';
        this.#passwords.clear();
        return true;
      case '~*':
      case 'allkeys':
      case 'resetkeys':
        this.allKeys = rule !== 'resetkeys';
        return true;
      case '&*':
      case 'allchannels':
      case 'resetchannels':
        this.allChannels = rule !== 'resetchannels';
        return true;
      default:
        return this.#applyArgument(rule);
    }
  }

  #reset(): void {
    this.enabled = false;
    this.anyPassword = false;
    this.allKeys = false;
    this.allChannels = false;
    this.#passwords.clear();
    this.#rules = [];
    this.#judged.clear();
  }

  #applyArgument(rule: string): boolean {
    const rest = rule.slice(1);
    if (rule.startsWith('#') || rule.startsWith('>')) {
      this.#passwords.add(rule.startsWith('#') ? rest : hashOf(rest));
      this.anyPassword = false;
      return true;
    }
    if (!/^[+-]@?[a-z|-]+$/.test(rule)) return false;
    this.#judged.clear();
    if (rest === '@all') this.#rules = [];
    this.#rules.push(rule);
    return true;
  }

  /** `command` is a name, or a name and a subcommand as in `acl|setuser`. */
  may(command: string): boolean {
    const known = this.#judged.get(command);
    if (known !== undefined) return known;
    const name = command.split('|')[0] ?? '';
    const categories = categoriesOf(command);
    const names = (target: string): boolean =>
      target === '@all' || target === command || target === name || categories.includes(target.slice(1));
    const last = this.#rules.findLast((rule) => names(rule.slice(1)));
    const allowed = last?.startsWith('+') ?? false;
    this.#judged.set(command, allowed);
    return allowed;
  }

  /** The words of its line in `ACL LIST`. */
  description(): readonly string[] {
    const commands = this.#rules[0]?.endsWith('@all') === true ? this.#rules : ['-@all', ...this.#rules];
    return [
      'user',
      this.name,
      this.enabled ? 'on' : 'off',
      ...(this.anyPassword ? ['nopass'] : []),
      ...[...this.#passwords].map((hash) => `#${hash}`),
      ...(this.allKeys ? ['~*'] : []),
      this.allChannels ? '&*' : 'resetchannels',
      ...commands,
    ];
  }
}

export class AccessList {
  readonly #users = new Map<string, User>();

  constructor(users: readonly User[]) {
    for (const user of users) this.#users.set(user.name, user.copy());
    if (!this.#users.has('default'))
      this.#users.set('default', User.withRules('default', ['on', 'nopass', '~*', '&*', '+@all']));
  }

  all(): readonly User[] {
    return [...this.#users.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  of(name: string): User | null {
    return this.#users.get(name) ?? null;
  }

  /** The rule that is not understood, with nothing changed; null when all of it was done. */
  set(name: string, rules: readonly string[]): string | null {
    const before = this.#users.get(name);
    const trial = before?.copy() ?? new User(name);
    const wrong = rules.find((rule) => !trial.apply(rule));
    if (wrong !== undefined) return wrong;
    if (before === undefined) this.#users.set(name, trial);
    else for (const rule of rules) before.apply(rule);
    return null;
  }

  delete(name: string): boolean {
    return this.#users.delete(name);
  }
}
