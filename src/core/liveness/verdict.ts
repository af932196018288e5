/**
 * What a quorum makes of the testimonies. Dead needs a majority of all voters, at least two sites, and at least one
 * node that had reached the broker and now finds it dead.
 *
 * A node that never reached the broker may only add that the broker's whole site is gone: its word counts when it
 * does not hear that site's nodes and none of them has testified in this round. So an IDC that is cut off is given
 * up by the other IDC and a witness without a route to broker ports, while a broken line between the two IDCs, with
 * the witness still hearing both, condemns nobody.
 */
import type { NodeName, SiteName } from '../primitives/identifiers.ts';
import type { Testimony } from './testimony.ts';

export type Verdict = 'dead' | 'notDead' | 'undecided';
export type Voter = { readonly node: NodeName; readonly site: SiteName };

type Count = { readonly voters: readonly Voter[]; readonly witnessed: boolean };

const suffices = (count: Count, allVoters: number): boolean =>
  count.witnessed &&
  count.voters.length * 2 > allVoters &&
  new Set(count.voters.map((voter) => voter.site)).size >= 2;

/**
 * Judges what has come in so far; testimonies of nodes that are no voters are ignored. `undecided` while the voters
 * that have not answered could still tip it; the caller ends the round when its time is over.
 */
export function judge(
  testimonies: ReadonlyMap<NodeName, Testimony>,
  voters: readonly Voter[],
  brokerSite: SiteName,
): Verdict {
  const siteTestified = voters.some((voter) => voter.site === brokerSite && testimonies.has(voter.node));
  const accusing = voters.filter((voter) => {
    const testimony = testimonies.get(voter.node);
    if (testimony === undefined) return false;
    if (testimony.verdict === 'dead') return true;
    return testimony.verdict === 'neverReached' && testimony.brokerSiteHeard === false && !siteTestified;
  });
  const witnessed = accusing.some((voter) => testimonies.get(voter.node)?.verdict === 'dead');
  if (suffices({ voters: accusing, witnessed }, voters.length)) return 'dead';
  const outstanding = voters.filter((voter) => !testimonies.has(voter.node));
  const atBest: Count = {
    voters: [...accusing, ...outstanding],
    witnessed: witnessed || outstanding.length > 0,
  };
  return suffices(atBest, voters.length) ? 'undecided' : 'notDead';
}
