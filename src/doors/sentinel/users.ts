/**
 * Who a client is, and what exists for it. Users are named by the node's configuration; whoever presents an operator
 * token as its password may also change something. Passwords are compared by their hashes, every one of them in
 * constant time, so that the time taken says nothing about any.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorToken } from '../../core/metadata/state.ts';
import type { SiteName } from '../../core/primitives/identifiers.ts';
import type { SentinelUserSettings } from './door-ports.ts';
import { matchesGlob } from './glob.ts';

export const DEFAULT_USER = 'default';

export type SentinelUser = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly idc: SiteName | null;
  /** Id of the operator token that it logged in with; null for who may only look. */
  readonly operator: string | null;
};

const EVERYTHING = ['*'] as const;
const hashOf = (password: string): Buffer => createHash('sha256').update(password, 'latin1').digest();

export class UserBook {
  readonly #known: readonly { readonly user: SentinelUser; readonly hash: Buffer | null }[];

  /** Without a setting for `default`, anybody may look at everything, as with a Sentinel that has no password. */
  constructor(settings: readonly SentinelUserSettings[]) {
    const named = settings.map(({ name, password, groups, idc }) => ({
      user: { name, groups, idc, operator: null },
      hash: password === null ? null : hashOf(password),
    }));
    const open = { name: DEFAULT_USER, groups: EVERYTHING, idc: null, operator: null };
    this.#known = named.some(({ user }) => user.name === DEFAULT_USER)
      ? named
      : [...named, { user: open, hash: null }];
  }

  /** Who a client is before it logs in; null where it has to. */
  get stranger(): SentinelUser | null {
    return this.#known.find(({ user, hash }) => user.name === DEFAULT_USER && hash === null)?.user ?? null;
  }

  /** Null for a wrong name or password. A user without a password takes any, as a server's `nopass` does. */
  authenticate(
    name: string,
    password: string,
    tokens: ReadonlyMap<string, OperatorToken>,
  ): SentinelUser | null {
    const presented = hashOf(password);
    let found: SentinelUser | null = null;
    for (const token of tokens.values()) {
      const stored = Buffer.from(token.sha256, 'hex');
      if (stored.length !== presented.length || !timingSafeEqual(stored, presented)) continue;
      found = { name, groups: EVERYTHING, idc: null, operator: token.id };
    }
    for (const { user, hash } of this.#known) {
      const fits = hash === null || timingSafeEqual(hash, presented);
      if (fits && user.name === name) found ??= user;
    }
    return found;
  }
}

export const sees = (user: SentinelUser, masterName: string): boolean =>
  user.groups.some((pattern) => pattern === '*' || matchesGlob(pattern, masterName));
