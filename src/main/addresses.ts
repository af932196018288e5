/** Addresses of a configuration that has been checked, as sockets take them. */
import { splitAddress } from '../core/primitives/address.ts';

export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const { host, port } = splitAddress(address);
  return { host, port: Number(port) };
}
