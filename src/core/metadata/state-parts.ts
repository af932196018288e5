/** Small types that several parts of the replicated state share, so that no part has to import the whole of it. */
import type { NodeName, SiteName } from '../primitives/identifiers.ts';

/** What becomes of a write policy that cannot be had: writes stop, or go on under a weaker one. */
export type OnShortage = 'block' | 'degrade';

export type HistoryEvidence = {
  readonly node: NodeName;
  readonly site: SiteName;
  readonly verdict: 'dead' | 'alive' | 'abstain' | 'neverReached';
  readonly detail: string;
  readonly wallMs: number;
};

export type HistoryStep = { readonly step: string; readonly wallMs: number; readonly detail: string };
