/**
 * Where clients are tried: three sites with a door each that clients ask for their master, one broker group of real Redis
 * servers over two of them, and the clients on a host of the IDC that is not the first master's. Every process has a
 * network of its own. The doors are those of our nodes, or real Sentinels.
 */
import type { Idc } from '../../support/ground.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import type { Host, Sites } from '../../support/sites.ts';
import type { SentinelAddress } from './client-line.ts';

export const MASTER = 'orders';
/** The IDC of the clients; the first master is in the other one. */
export const CLIENT_IDC = 'idc-b';
export const MASTER_IDC = 'idc-a';
export const SERVER_SITES: readonly Idc[] = [MASTER_IDC, MASTER_IDC, CLIENT_IDC];
/** Names of their hosts. */
export const serverName = (position: number): string => `${MASTER}-${position + 1}`;
export const serversAt = (wanted: string): readonly string[] =>
  SERVER_SITES.flatMap((site, position) => (site === wanted ? [serverName(position)] : []));
/** So long a server is silent before it is suspected, everywhere. */
export const DETECTION_MS = 1_000;

export type Door = {
  /** Of its host. */
  readonly name: string;
  readonly site: string;
  readonly address: SentinelAddress;
};

export type InteropGround = {
  readonly sites: Sites;
  readonly clientHost: Host;
  readonly doors: readonly Door[];
  /** Rises with every reign. */
  epoch(): Promise<number>;
  master(): Promise<RedisServer>;
  failsOver(beforeEpoch: number): Promise<void>;
  whole(): Promise<void>;
  /** Nothing is cut, everything runs. */
  mend(): Promise<void>;
  /** All is whole, and the master stands where the first one stood. */
  begin(): Promise<void>;
  switchOver(): Promise<void>;
  /** Until a door that is cut off from the others says so, where it does. */
  refuses(door: Door): Promise<void>;
  close(): Promise<void>;
};

export function doorAt(ground: Pick<InteropGround, 'doors'>, site: string): Door {
  const found = ground.doors.find((door) => door.site === site);
  if (found === undefined) throw new Error(`there is no door at ${site}`);
  return found;
}

export async function mendAll(sites: Sites, servers: readonly RedisServer[]): Promise<void> {
  await sites.heal();
  for (const server of servers) {
    server.signal('SIGCONT');
    if (!server.isRunning()) await server.start();
  }
}
