/** The IDC of a server that nobody has declared: what the operator says of its address, else the node's address ranges. */
import type { SiteName } from '../primitives/identifiers.ts';

export type Places = {
  /** By `host:port`, or by the host alone. */
  readonly said: ReadonlyMap<string, SiteName>;
  readonly idcOfAddress: (host: string) => SiteName | null;
};

export type Placed = { readonly site: SiteName; readonly placedBy: 'site' | 'addressRange' };

/** The host of `host:port`, an IPv6 address without its brackets. */
export const hostOf = (address: string): string =>
  address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');

export function placeOf({ said, idcOfAddress }: Places, address: string): Placed | null {
  const host = hostOf(address);
  const site = said.get(address) ?? said.get(host) ?? said.get(`[${host}]`);
  if (site !== undefined) return { site, placedBy: 'site' };
  const found = idcOfAddress(host);
  return found === null ? null : { site: found, placedBy: 'addressRange' };
}

/** Means another server on every host. */
export const isLoopback = (address: string): boolean => {
  const host = hostOf(address).toLowerCase();
  return /^(?:127\.|0\.0\.0\.0$)/.test(host) || ['::1', '::', 'localhost'].includes(host);
};
