/**
 * What kind of death a quorum has confirmed. A network that flaps looks like silence: again and again, and nothing
 * shows that the process ended. Another process in its place, connections that are refused, or a whole site that
 * nobody hears are no flapping: the reign is over, whatever the network does.
 */
import type { NodeName, SiteName } from '../primitives/identifiers.ts';
import type { Testimony } from './testimony.ts';
import type { Voter } from './verdict.ts';

export type DeathKind = 'processEnded' | 'siteLost' | 'silence';

/**
 * Asked once the verdict is `dead`. `processEnded`: somebody met another process, or all who found it dead were refused
 * or cut off. `siteLost`: nobody at that site testified, and everybody elsewhere who did says that it hears no node there.
 */
export function kindOfDeath(
  testimonies: ReadonlyMap<NodeName, Testimony>,
  voters: readonly Voter[],
  brokerSite: SiteName,
): DeathKind {
  const words = voters.flatMap(({ node, site }) => {
    const testimony = testimonies.get(node);
    return testimony === undefined ? [] : [{ site, testimony }];
  });
  const grounds = words.flatMap(({ testimony }) => (testimony.verdict === 'dead' ? [testimony.ground] : []));
  if (grounds.includes('otherProcess')) return 'processEnded';
  if (grounds.length > 0 && grounds.every((ground) => ground === 'refusal')) return 'processEnded';
  const siteLost =
    words.length > 0 &&
    words.every(({ site, testimony }) => site !== brokerSite && testimony.brokerSiteHeard === false);
  return siteLost ? 'siteLost' : 'silence';
}
