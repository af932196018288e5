/**
 * Which IDC a client stands in, by its address: a table of CIDR ranges, of which the longest that holds the address
 * wins. For clients that do not say their IDC.
 */
import type { SiteName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { ADDRESS_BITS, type IpAddress, MAPPED_PREFIX_BITS, parseIpAddress } from './ip-address.ts';

/** `range`: `10.1.0.0/16`, `2001:db8::/32`, or a single address. */
export type AddressRange = { readonly range: string; readonly site: SiteName };

/** Sites by the leading bits of their ranges, one layer for each length of prefix, longest first. */
export type AddressTable = Readonly<Record<IpAddress['family'], readonly Layer[]>>;
type Layer = { readonly prefixBits: number; readonly sites: Map<bigint, SiteName> };
type ParsedRange = {
  readonly family: IpAddress['family'];
  readonly prefixBits: number;
  readonly prefix: bigint;
};

/**
 * Refusals, with the position of the range as `field`: invalidRequest (no CIDR range, or address bits beyond its
 * prefix), duplicateName (the same range twice), limitReached. Whether a site exists is for the caller to check.
 */
export function buildAddressTable(ranges: readonly AddressRange[]): Result<AddressTable> {
  if (ranges.length > LIMITS.addressRanges) {
    return refused(
      'limitReached',
      `${ranges.length} address ranges are given; ${LIMITS.addressRanges} are allowed.`,
    );
  }
  const layers: Record<IpAddress['family'], Map<number, Layer>> = { 4: new Map(), 6: new Map() };
  for (const [position, { range, site }] of ranges.entries()) {
    const parsed = parseRange(range, `${position}.range`);
    if (!parsed.ok) return parsed;
    const { family, prefixBits, prefix } = parsed.value;
    const layer = layers[family].get(prefixBits) ?? { prefixBits, sites: new Map<bigint, SiteName>() };
    layers[family].set(prefixBits, layer);
    const other = layer.sites.get(prefix);
    if (other !== undefined) {
      return refused('duplicateName', `Address range ${range} is listed twice, first for ${other}.`, {
        field: `${position}.range`,
        expected: 'every range once',
      });
    }
    layer.sites.set(prefix, site);
  }
  return accepted({ 4: longestFirst(layers[4]), 6: longestFirst(layers[6]) });
}

/** Null when the text is no address, or no range holds it. */
export function idcOfAddress(table: AddressTable, address: string): SiteName | null {
  const parsed = parseIpAddress(address);
  if (parsed === null) return null;
  for (const { prefixBits, sites } of table[parsed.family]) {
    const site = sites.get(parsed.bits >> BigInt(ADDRESS_BITS[parsed.family] - prefixBits));
    if (site !== undefined) return site;
  }
  return null;
}

const longestFirst = (layers: ReadonlyMap<number, Layer>): readonly Layer[] =>
  [...layers.values()].sort((left, right) => right.prefixBits - left.prefixBits);

function parseRange(range: string, field: string): Result<ParsedRange> {
  const expected = 'a CIDR range such as 10.1.0.0/16 or 2001:db8::/32';
  const [addressText = '', lengthText, ...rest] = range.split('/');
  const address = addressText.includes('%') ? null : parseIpAddress(addressText);
  if (address === null || rest.length > 0) {
    return refused('invalidRequest', `${range} is not an address range.`, { field, expected });
  }
  const prefixBits = prefixBitsOf(address, addressText.includes(':'), lengthText);
  if (prefixBits === null) {
    return refused('invalidRequest', `${range} has no valid length of prefix.`, { field, expected });
  }
  const hostBits = BigInt(ADDRESS_BITS[address.family] - prefixBits);
  const prefix = address.bits >> hostBits;
  if (prefix << hostBits !== address.bits) {
    return refused('invalidRequest', `${range} has address bits set beyond its prefix.`, { field, expected });
  }
  return accepted({ family: address.family, prefixBits, prefix });
}

/** Length in the bits of the address's own family; an IPv4-mapped range is written with IPv6 lengths. */
function prefixBitsOf(
  address: IpAddress,
  writtenAsIpv6: boolean,
  lengthText: string | undefined,
): number | null {
  const written = writtenAsIpv6 ? ADDRESS_BITS[6] : ADDRESS_BITS[4];
  if (lengthText !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) return null;
  const length = lengthText === undefined ? written : Number(lengthText);
  const prefixBits = writtenAsIpv6 && address.family === 4 ? length - MAPPED_PREFIX_BITS : length;
  return length <= written && prefixBits >= 0 ? prefixBits : null;
}
