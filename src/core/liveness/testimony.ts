/** A node's answer to the leader's question whether a master is dead: from a fresh probe of its own. */
import type { SiteName } from '../primitives/identifiers.ts';

/** Longest wait of the fresh probe that a node makes before it testifies. */
export const CONFIRMATION_PROBE_MS = 300;

/**
 * What a word rests on. Alive: it answered, a slave received from it, or its slaves keep their links. Dead: another
 * process answers (or this one loads its data), connections are refused or cut, or nothing was heard.
 */
export type TestimonyGround = 'answer' | 'receipt' | 'links' | 'otherProcess' | 'refusal' | 'silence';

export type Testimony = {
  readonly site: SiteName;
  readonly verdict: 'dead' | 'alive' | 'abstain' | 'neverReached';
  /** Absent where the word is neither `dead` nor `alive`. */
  readonly ground?: TestimonyGround | undefined;
  /** One line for the record: what was seen, and when. */
  readonly detail: string;
  /**
   * Whether this node hears the nodes of the broker's own site; absent when it cannot say. It is all that a node
   * which never reached the broker can testify to.
   */
  readonly brokerSiteHeard?: boolean | undefined;
};
