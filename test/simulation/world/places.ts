/** Where the simulated nodes stand: two IDCs and a witness site, with one node each, or two in each IDC; or a node alone. */
import {
  type NodeName,
  nodeName,
  type SiteName,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';

/** An end of a way through the network: a node, or a site, which stands for the servers there. */
export type Place = NodeName | SiteName;

export type Standing = { readonly node: NodeName; readonly site: SiteName };

export const SITES = { a: siteName('idc-a'), b: siteName('idc-b'), witness: siteName('witness') } as const;

const standing = (node: string, site: SiteName): Standing => ({ node: nodeName(node), site });

export const STANDINGS = {
  1: [standing('pollux-a', SITES.a)],
  3: [standing('pollux-a', SITES.a), standing('pollux-b', SITES.b), standing('pollux-w', SITES.witness)],
  5: [
    standing('pollux-a1', SITES.a),
    standing('pollux-a2', SITES.a),
    standing('pollux-b1', SITES.b),
    standing('pollux-b2', SITES.b),
    standing('pollux-w', SITES.witness),
  ],
} as const satisfies Record<number, readonly Standing[]>;

export type TierSize = keyof typeof STANDINGS;
