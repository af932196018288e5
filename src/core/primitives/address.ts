/** Addresses as everybody writes them: `host:port`, an IPv6 host in brackets. */

/** Taken apart, of text that was checked where it came in; IPv6 without its brackets. */
export function splitAddress(address: string): { readonly host: string; readonly port: string } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: address.slice(colon + 1) };
}
