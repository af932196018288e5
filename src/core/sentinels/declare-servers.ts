/** The declaration of a group of which no more is known than the addresses of its master and slaves. */
import type { GroupDeclaration } from '../coordinator/requests.ts';
import { replicaId, type SiteName } from '../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { type Placed, type Places, placeOf } from './place-servers.ts';

/** What the operator decides; the servers are found. */
export type AdoptionTerms = Omit<GroupDeclaration, 'kind' | 'replicas' | 'preferredMaster'>;

export type FoundServer = {
  readonly address: string;
  /** Of Redis, where 0 is never promoted. */
  readonly priority: number;
};

export type PlacedServer = Placed & FoundServer;

/** Least preferred of all, which is as near as there is to a server that Redis would never promote. */
const LAST_CHOICE = 1_000;

/** Refusal notPlaced, for all servers that are in no IDC. `waysOut` says what can be done about these addresses. */
export function placeServers(
  servers: readonly FoundServer[],
  places: Places,
  waysOut: (astray: readonly string[]) => string,
): Result<readonly PlacedServer[]> {
  const placed: PlacedServer[] = [];
  const astray: string[] = [];
  for (const server of servers) {
    const place = placeOf(places, server.address);
    if (place === null) astray.push(server.address);
    else placed.push({ ...server, ...place });
  }
  if (astray.length === 0) return accepted(placed);
  return refused('notPlaced', `No address range of this node has ${astray.join(', ')}. ${waysOut(astray)}`, {
    field: 'sites',
    expected: 'an IDC for each server',
  });
}

/** The first of the servers is the master now. */
export const declarationOf = (
  terms: AdoptionTerms,
  servers: readonly (FoundServer & { readonly site: SiteName })[],
): GroupDeclaration => ({
  ...terms,
  kind: 'redis',
  replicas: servers.map(({ address, site, priority }, position) => ({
    id: replicaId(`${terms.name}-${position + 1}`),
    site,
    endpoints: { client: address, replication: address, announced: null },
    priority: priority === 0 ? LAST_CHOICE : Math.min(priority, LAST_CHOICE),
  })),
  preferredMaster: null,
});
