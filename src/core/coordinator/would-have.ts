/**
 * What pollux would have done about the death of a watch-only group's master: whom it would have chosen by the very rules
 * that choose elsewhere, and what that might have cost. Nothing follows from it but words.
 */
import { chooseCandidate } from '../failover/candidates.ts';
import type { ServerRead } from '../failover/coverage.ts';
import { closedSites } from '../metadata/closed-sites.ts';
import { highestEpoch } from '../metadata/queries.ts';
import type { BrokerGroup, FencingReason } from '../metadata/state.ts';
import { epoch } from '../primitives/identifiers.ts';
import type { Context } from './context.ts';
import type { GroupRun, Noted } from './group-run.ts';
import { worstCaseBytes } from './unprovable.ts';

export type WouldHave = Pick<Noted, 'candidates' | 'predictedLossBytes'> & {
  readonly outcome: 'wouldHave';
  readonly message: string;
};

/** What would have been done about a confirmed death, had it been ours to do. */
export function wouldHave(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  reason: FencingReason,
  reads: readonly ServerRead[],
): WouldHave {
  const phase = {
    kind: 'fencing',
    epoch: epoch(highestEpoch(group) + 1),
    reason,
    recordId: '',
    preferred: null,
    unsafe: false,
  } as const;
  const state = context.state();
  const choice = chooseCandidate({
    group: { ...group, phase },
    reads,
    avoided: new Set(state.idcStates.keys()),
    closedSites: closedSites(state, reason),
    collectionOver: true,
  });
  const best = choice.kind === 'promote' ? choice.cut : choice.bestOffset;
  const predictedLossBytes = worstCaseBytes(context, group, run, best);
  const loss =
    predictedLossBytes === null ? 'not known' : `${predictedLossBytes} bytes by what was seen last`;
  const deed =
    choice.kind === 'promote'
      ? `pollux would have promoted ${choice.candidate} at offset ${choice.cut} (${choice.detail})`
      : `pollux would have left it alone, as no promotion could be proven lossless: ${choice.detail}`;
  return {
    outcome: 'wouldHave',
    message: `Master ${group.master} is dead; ${deed}; predicted loss ${loss}. The group is watch-only: nothing was touched.`,
    candidates: choice.candidates,
    predictedLossBytes,
  };
}
