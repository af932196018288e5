/**
 * The configuration of a fresh server that is prepared from its first start: it boots fenced, knows the standing
 * users, and nothing in it grants. It is what preparing writes into the file of a server that exists already.
 */
import {
  HARMLESS_ADMIN_COMMANDS,
  KEEPER_USER,
  keeperRules,
  PROBE_USER,
  probeRules,
  restrictedRules,
} from './access-rules.ts';
import { derivePassword, passwordHashRule } from './derived-passwords.ts';
import { MIN_REPLICAS_OUT_OF_REACH } from './limits.ts';
import { MANAGED_SETTINGS } from './managed-settings.ts';

export type ServerConfigOptions = {
  readonly port: number;
  readonly bind: string;
  readonly directory: string;
  readonly steeringSecret: string;
  /** Password of `default`; null when applications need none. */
  readonly applicationPassword: string | null;
  readonly blackhole?: { readonly host: string; readonly port: number };
  /** Further lines, such as persistence; they come last and win. */
  readonly extraLines?: readonly string[];
};

/** Text of a `redis.conf`. It holds hashes of passwords, never passwords. */
export function renderServerConfig(options: ServerConfigOptions): string {
  const blackhole = options.blackhole ?? { host: '127.0.0.1', port: 1 };
  const password =
    options.applicationPassword === null ? 'nopass' : passwordHashRule(options.applicationPassword);
  const standing = (name: string, rules: (password: string) => readonly string[]): string =>
    ['user', name, ...rules(derivePassword(options.steeringSecret, name))].join(' ');
  const lines = [
    `port ${options.port}`,
    `bind ${options.bind}`,
    `dir "${options.directory}"`,
    `replicaof ${blackhole.host} ${blackhole.port}`,
    `min-replicas-to-write ${MIN_REPLICAS_OUT_OF_REACH}`,
    ...MANAGED_SETTINGS.map(([name, value]) => `${name} ${value}`),
    ['user default reset on', password, '~* &* +@all', ...restrictedRules(HARMLESS_ADMIN_COMMANDS)].join(' '),
    standing(KEEPER_USER, keeperRules),
    standing(PROBE_USER, probeRules),
    ...(options.extraLines ?? []),
  ];
  return `${lines.join('\n')}\n`;
}
