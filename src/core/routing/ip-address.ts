/**
 * Text of an IPv4 or IPv6 address as a number. IPv4-mapped IPv6 addresses (`::ffff:10.1.2.3`, which is what a
 * dual-stack socket reports for an IPv4 client) become IPv4, so that one table entry fits both.
 */

export type IpAddress = { readonly family: 4 | 6; readonly bits: bigint };

export const ADDRESS_BITS: Readonly<Record<IpAddress['family'], number>> = { 4: 32, 6: 128 };

/** Leading 96 bits of an IPv4-mapped IPv6 address. */
const MAPPED_PREFIX = 0xffffn;
export const MAPPED_PREFIX_BITS = 96;

/** Longest text of an address without its zone: eight groups, the last two in dotted form. */
const LONGEST_ADDRESS_TEXT = 45;

/** Null when the text is no address. A zone (`fe80::1%eth0`) is ignored: ranges do not name interfaces. */
export function parseIpAddress(text: string): IpAddress | null {
  const [address = ''] = text.split('%', 1);
  if (address.length > LONGEST_ADDRESS_TEXT) return null;
  if (!address.includes(':')) {
    const bits = parseIpv4(address);
    return bits === null ? null : { family: 4, bits };
  }
  const bits = parseIpv6(address);
  if (bits === null) return null;
  return bits >> 32n === MAPPED_PREFIX ? { family: 4, bits: bits & 0xffff_ffffn } : { family: 6, bits };
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let bits = 0n;
  for (const part of parts) {
    // A leading zero is octal to some programs and decimal to others: refused, not guessed.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...Array.from({ length: missing }, () => 0n), ...tail].reduce(
    (bits, group) => (bits << 16n) | group,
    0n,
  );
}

/** Groups of 16 bits; the last one may be an IPv4 address in dotted form where `dottedAllowed`. */
function groupsOf(text: string, dottedAllowed: boolean): readonly bigint[] | null {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [position, part] of parts.entries()) {
    if (part.includes('.')) {
      const bits = dottedAllowed && position === parts.length - 1 ? parseIpv4(part) : null;
      if (bits === null) return null;
      groups.push(bits >> 16n, bits & 0xffffn);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}
