/**
 * Which IDC a broker or client stands in. What it says itself counts first (`__ZONE_NAME`, of 5.x with a zone set), then
 * the address ranges of the node; 4.9 and whoever sets no zone cannot say.
 */
import type { MetadataState } from '../../core/metadata/state.ts';
import { type SiteName, siteName } from '../../core/primitives/identifiers.ts';
import { zoneOf } from '../../remoting/messages/zone.ts';
import type { Call } from './commands/command.ts';

/** Null for a zone that is no IDC of the tier. Stock servers compare zones whatever their case; an exact match wins. */
export function idcOfZone(state: MetadataState, zone: string): SiteName | null {
  const named = state.sites.get(siteName(zone));
  if (named !== undefined) return named.kind === 'idc' ? named.name : null;
  const lower = zone.toLowerCase();
  for (const { name, kind } of state.sites.values()) {
    if (kind === 'idc' && name.toLowerCase() === lower) return name;
  }
  return null;
}

/** `byAddress`: where the address ranges place it. The witness site is no IDC, so whoever stands there is near to nothing. */
export function requesterSite(
  state: MetadataState,
  zone: string | null,
  byAddress: SiteName | null,
): SiteName | null {
  const named = zone === null ? null : idcOfZone(state, zone);
  if (named !== null) return named;
  return byAddress !== null && state.sites.get(byAddress)?.kind === 'idc' ? byAddress : null;
}

/** Of a broker: by the address that it says it has, else by that from which it came. */
export function brokerSite({ door, channel, request }: Call, address: string): SiteName | null {
  const own = door.idcOfAddress(address.slice(0, address.lastIndexOf(':')));
  return requesterSite(door.face.state(), zoneOf(request.fields).name, own ?? channel.siteByAddress);
}
