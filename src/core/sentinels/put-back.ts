/** What a Sentinel is told, and what makes it watch the master again, as lines for redis-cli. */
import { splitAddress } from '../primitives/address.ts';
import type { MasterSeen } from './sentinel-port.ts';

export const removal = (master: string): string => `SENTINEL REMOVE ${master}`;

/** With the settings that it has now. */
export function putBack(master: string, { address, quorum, settings }: MasterSeen): readonly string[] {
  const { host, port } = splitAddress(address);
  const monitor = `SENTINEL MONITOR ${master} ${host} ${port} ${quorum}`;
  if (settings.length === 0) return [monitor];
  return [monitor, `SENTINEL SET ${master} ${settings.flat().join(' ')}`];
}

/** A Sentinel does not tell the passwords that it logs in with. */
export const PASSWORDS_TOO =
  'auth-user and auth-pass, where the servers ask for them, have to be set there again';
