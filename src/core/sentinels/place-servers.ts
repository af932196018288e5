/** The IDC of a server that nobody has declared: what the operator says of its address, else the node's address ranges. */
import { splitAddress } from '../primitives/address.ts';
import type { SiteName } from '../primitives/identifiers.ts';

export type Places = {
  /** By `host:port`, or by the host alone. */
  readonly said: ReadonlyMap<string, SiteName>;
  readonly idcOfAddress: (host: string) => SiteName | null;
};

export type Placed = { readonly site: SiteName; readonly placedBy: 'site' | 'addressRange' };

export function placeOf({ said, idcOfAddress }: Places, address: string): Placed | null {
  const { host } = splitAddress(address);
  const site = said.get(address) ?? said.get(host) ?? said.get(`[${host}]`);
  if (site !== undefined) return { site, placedBy: 'site' };
  const found = idcOfAddress(host);
  return found === null ? null : { site: found, placedBy: 'addressRange' };
}

/** Means another server on every host. */
export const isLoopback = (address: string): boolean => {
  const host = splitAddress(address).host.toLowerCase();
  return /^(?:127\.|0\.0\.0\.0$)/.test(host) || ['::1', '::', 'localhost'].includes(host);
};
