/** A node under the name that Sentinel clients know nodes by: 40 hexadecimal digits, the same for ever. */
import { createHash } from 'node:crypto';

export const nodeId = (tierId: string, node: string): string =>
  createHash('sha256').update(`${tierId}/${node}`).digest('hex').slice(0, 40);
