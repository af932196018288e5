/** What a Sentinel is told, and what makes it watch the master again, as lines for redis-cli. */
import { splitAddress } from '../primitives/address.ts';
import type { MasterSeen } from './sentinel-port.ts';

export const removal = (master: string): string => `SENTINEL REMOVE ${master}`;

/** As redis-cli reads words. */
const quoted = (value: string): string => (/^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value));

/** With the settings that it has now. */
export function putBack(master: string, { address, quorum, settings }: MasterSeen): readonly string[] {
  const { host, port } = splitAddress(address);
  const monitor = `SENTINEL MONITOR ${master} ${host} ${port} ${quorum}`;
  if (settings.length === 0) return [monitor];
  const options = settings.flatMap(([option, value]) => [option, quoted(value)]);
  return [monitor, `SENTINEL SET ${master} ${options.join(' ')}`];
}

/** A Sentinel does not tell the passwords that it logs in with. */
export const PASSWORDS_TOO =
  'auth-user and auth-pass, where the servers ask for them, have to be set there again';
