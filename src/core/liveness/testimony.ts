/** A node's answer to the leader's question whether a master is dead: from a fresh probe of its own. */
import type { SiteName } from '../primitives/identifiers.ts';

export type Testimony = {
  readonly site: SiteName;
  readonly verdict: 'dead' | 'alive' | 'abstain' | 'neverReached';
  /** One line for the record: what was seen, and when. */
  readonly detail: string;
  /**
   * Whether this node hears the nodes of the broker's own site; absent when it cannot say. It is all that a node
   * which never reached the broker can testify to.
   */
  readonly brokerSiteHeard?: boolean;
};
