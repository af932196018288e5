/** The course of an adoption out of what the Sentinels say: its servers, where each stands, and what was found. */
import type { GroupDeclaration } from '../coordinator/requests.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import { groupKey, type SiteName } from '../primitives/identifiers.ts';
import { accepted, type Result } from '../primitives/refusal.ts';
import { type Adoption, type AdoptionOrder, type AdoptionPorts, type Course, serversOf } from './course.ts';
import { declarationOf, type FoundServer, placeServers } from './declare-servers.ts';
import { type Finding, judgeSurvey } from './judge-survey.ts';
import type { Places } from './place-servers.ts';
import { putBack, removal } from './put-back.ts';
import type { Survey } from './survey.ts';

/** Of a group that was only watched, what was declared stays. */
export function courseOf(
  order: AdoptionOrder,
  ports: AdoptionPorts,
  survey: Survey,
  strangers: readonly Finding[],
): Result<Course> {
  const { terms, said } = order;
  const places = { said, idcOfAddress: ports.idcOfAddress };
  const found = serversOf(survey);
  const existing = ports.face.state().groups.get(groupKey(terms.cluster, terms.name));
  const watched = existing?.watchOnly === true && !terms.watchOnly ? existing : null;
  if (watched !== null) {
    const placed = watched.replicas.map(({ site, endpoints }) => ({
      address: endpoints.client,
      site,
      placedBy: 'declared' as const,
    }));
    const findings = [
      ...judgeSurvey(survey, declaredPlaces(places, placed)),
      ...otherServers(placed, found),
      ...strangers,
    ];
    const adoption = adoptionOf(survey, watched, placed, findings, false);
    const declaration = { ...watched, preferredMaster: null };
    return accepted({ order, ports, declaration, watched, adoption });
  }
  const placed = placeServers(found, places, sayWhere);
  if (!placed.ok) return placed;
  const declaration = declarationOf(terms, placed.value);
  const findings = [
    ...judgeSurvey(survey, places),
    ...strangers,
    ...(existing === undefined ? [] : [declaredAlready(existing)]),
  ];
  const adoption = adoptionOf(survey, declaration, placed.value, findings, terms.watchOnly);
  return accepted({ order, ports, declaration, watched: null, adoption });
}

const declaredAlready = ({ key, watchOnly }: BrokerGroup): Finding => ({
  code: 'declaredAlready',
  message: watchOnly
    ? `${key} is watched already.`
    : `${key} is a broker group already; if it has the same servers, tell the Sentinels that are left SENTINEL REMOVE.`,
  forbids: 'everything',
});

const sayWhere = (astray: readonly string[]): string => {
  const options = astray.map((address) => `--site ${address}=IDC`).join(' ');
  return `Say where each stands: ${options}; or add a range to addressRanges in the configuration of the nodes.`;
};

const declaredPlaces = (
  places: Places,
  placed: readonly { readonly address: string; readonly site: SiteName }[],
): Places => ({ ...places, said: new Map(placed.map(({ address, site }) => [address, site])) });

function otherServers(
  declared: readonly { readonly address: string }[],
  found: readonly FoundServer[],
): readonly Finding[] {
  const known = declared.map(({ address }) => address).sort();
  const seen = found.map(({ address }) => address).sort();
  if (known.join() === seen.join()) return [];
  const message = `The group that is watched has ${known.join(', ')}; the Sentinels have ${seen.join(', ')}. Release it, and adopt it anew.`;
  return [{ code: 'otherServers', message, forbids: 'everything' }];
}

function adoptionOf(
  survey: Survey,
  { name, replicas, policy, onShortage }: Omit<GroupDeclaration, 'preferredMaster'>,
  placed: readonly { readonly placedBy: Adoption['servers'][number]['placedBy'] }[],
  findings: readonly Finding[],
  watchOnly: boolean,
): Adoption {
  return {
    policy,
    onShortage,
    master: must(survey.seen[0], 'a survey begins with the Sentinel that was named').address,
    servers: replicas.map(({ id, site, endpoints }, position) => ({
      replica: id,
      address: endpoints.client,
      site,
      placedBy: must(placed[position], 'every server is placed').placedBy,
    })),
    sentinels: survey.seen.map((seen) => ({
      ...seen.sentinel,
      told: watchOnly ? [] : [removal(name)],
      putBack: putBack(name, seen),
    })),
    findings,
  };
}
