/**
 * One node's word on a suspected master. It says `dead` only for what it would suspect itself, on a probe made for
 * this question: refused or reset alone proves nothing, and slaves that still receive speak for their master.
 */
import type { Incarnation, SiteName } from '../primitives/identifiers.ts';
import type { ReplicaEvidence } from './evidence.ts';
import type { Observation, ServerReport } from './observation.ts';
import { linksSince, pingShowsMs, receiptWindowMs, stillReceiving } from './receipt.ts';
import { reasonToAbstain, type VantageInput } from './suspicion.ts';
import type { Testimony, TestimonyGround } from './testimony.ts';

export type TestifyInput = Omit<VantageInput, 'incarnation' | 'watchingSinceMs'> & {
  /** Where this node stands. */
  readonly site: SiteName;
  readonly suspectedIncarnation: Incarnation;
  /** Made for this question; it need not be in the evidence yet. */
  readonly freshProbe: Observation;
  /** Whether this node hears the nodes of the broker's site; null when it cannot say. */
  readonly brokerSiteHeard: boolean | null;
};

type Word =
  | { readonly verdict: 'dead' | 'alive'; readonly ground: TestimonyGround; readonly detail: string }
  | { readonly verdict: 'abstain' | 'neverReached'; readonly detail: string };

function wordOnAnswer(report: ServerReport, suspected: Incarnation): Word {
  if (report.incarnation !== suspected) {
    return {
      verdict: 'dead',
      ground: 'otherProcess',
      detail: `answers as another process (${report.incarnation}): the old reign is over`,
    };
  }
  if (report.loading) {
    const detail = 'answers that it is loading: the old reign is over';
    return { verdict: 'dead', ground: 'otherProcess', detail };
  }
  return { verdict: 'alive', ground: 'answer', detail: `answers as ${report.role}` };
}

/** A new connection was refused or cut: the end of the process only when its slaves lost it too, or time tells. */
function wordOnRefusal(input: TestifyInput, master: ReplicaEvidence, heardAtMs: number, said: string): Word {
  const nowMs = input.now.monotonicMs;
  if (master.link === 'up' && nowMs - heardAtMs < input.detectionMs) {
    const detail = `${said}, but its established connection still answers`;
    return { verdict: 'alive', ground: 'answer', detail };
  }
  if (nowMs - heardAtMs >= receiptWindowMs(input))
    return { verdict: 'dead', ground: 'refusal', detail: said };
  const sinceMs = master.link === 'down' ? (master.disconnectedAtMs ?? heardAtMs) : heardAtMs;
  const links = linksSince(input.followers, input.masterAddress, sinceMs);
  if (links.up.length > 0)
    return {
      verdict: 'alive',
      ground: 'links',
      detail: `${said}, but ${links.up.join(', ')} keep their link`,
    };
  if (links.down.length > 0)
    return {
      verdict: 'dead',
      ground: 'refusal',
      detail: `${said}, link down at ${links.down.join(', ')}`,
    };
  return { verdict: 'abstain', detail: `${said}; its slaves have not answered since` };
}

function wordWithoutAnswer(input: TestifyInput, said: string, waitedMs: number | null): Word {
  const master = input.master;
  const heardAtMs = master?.heardAtMs ?? null;
  if (master === null || heardAtMs === null) {
    const heard = input.brokerSiteHeard;
    const site = heard === null ? '' : heard ? '; its site answers' : '; its site does not answer either';
    return { verdict: 'neverReached', detail: `${said}; never reached from here${site}` };
  }
  const nowMs = input.now.monotonicMs;
  // Bytes that arrived before the connection died prove nothing of the time after.
  const sinceMs =
    master.link === 'down' ? Math.max(heardAtMs, master.disconnectedAtMs ?? heardAtMs) : heardAtMs;
  const receiving = stillReceiving(input.followers, input.masterAddress, sinceMs, nowMs, input);
  if (receiving !== null) {
    const detail = `${said}, but ${receiving.replica} received from it since`;
    return { verdict: 'alive', ground: 'receipt', detail };
  }
  if (waitedMs === null) return wordOnRefusal(input, master, heardAtMs, said);
  if (heardAtMs > nowMs - waitedMs) {
    const detail = `${said}, but its established connection answered meanwhile`;
    return { verdict: 'alive', ground: 'answer', detail };
  }
  const silentMs = nowMs - heardAtMs;
  const { up } = linksSince(input.followers, input.masterAddress, heardAtMs);
  if (up.length > 0 && silentMs < pingShowsMs(input.probeIntervalMs)) {
    const detail = `${said}; ${up.join(', ')} still linked, and its next ping may be on the way`;
    return { verdict: 'abstain', detail };
  }
  return {
    verdict: 'dead',
    ground: 'silence',
    detail: `${said}, nothing heard for ${Math.round(silentMs)} ms`,
  };
}

function word(input: TestifyInput): Word {
  const stall = reasonToAbstain(input);
  if (stall !== null) return { verdict: 'abstain', detail: stall };
  const outcome = input.freshProbe.outcome;
  switch (outcome.kind) {
    case 'answered':
      return wordOnAnswer(outcome.report, input.suspectedIncarnation);
    case 'answeredError':
      return { verdict: 'alive', ground: 'answer', detail: `answers with an error: ${outcome.error}` };
    case 'refused':
      return wordWithoutAnswer(input, `refuses connections (${outcome.error})`, null);
    case 'disconnected':
      return wordWithoutAnswer(input, `cuts connections (${outcome.error})`, null);
    case 'silent':
      return wordWithoutAnswer(input, `silent for ${Math.round(outcome.waitedMs)} ms`, outcome.waitedMs);
  }
}

/** This node's testimony; `abstain` and `neverReached` never count as an accusation of the broker itself. */
export function testify(input: TestifyInput): Testimony {
  const said = word(input);
  return {
    site: input.site,
    ...said,
    ...(input.brokerSiteHeard === null ? {} : { brokerSiteHeard: input.brokerSiteHeard }),
  };
}
