/** What a Sentinel is told, and what makes it watch the master again, as lines for redis-cli. */
import { hostOf } from './place-servers.ts';
import type { MasterSeen } from './sentinel-port.ts';

export const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);

export const removal = (master: string): string => `SENTINEL REMOVE ${master}`;

/** With the settings that it has now. */
export function putBack(master: string, { address, quorum, settings }: MasterSeen): readonly string[] {
  const monitor = `SENTINEL MONITOR ${master} ${hostOf(address)} ${portOf(address)} ${quorum}`;
  if (settings.length === 0) return [monitor];
  return [monitor, `SENTINEL SET ${master} ${settings.flat().join(' ')}`];
}

/** A Sentinel does not tell the passwords that it logs in with. */
export const PASSWORDS_TOO =
  'auth-user and auth-pass, where the servers ask for them, have to be set there again';
