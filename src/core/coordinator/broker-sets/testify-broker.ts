/**
 * One node's word on a suspected broker, on a probe made for this question. A connection that ended proves nothing by
 * itself (a broker closes it after any slow answer), and a refused one nothing while heartbeats arrive; so a node says
 * `dead` only where nothing is heard any more and a new connection is refused, or after a whole time of silence.
 */
import { reasonToAbstain } from '../../liveness/suspicion.ts';
import type { Testimony, TestimonyGround } from '../../liveness/testimony.ts';
import type { GroupName, SiteName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerEvidence } from './broker-book.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';
import { graceOf } from './suspect-broker.ts';

export type BrokerTestimonyInput = {
  /** As it was before the fresh probe; null: this node has never heard it. */
  readonly own: BrokerEvidence | null;
  readonly name: GroupName;
  readonly answer: BrokerAnswer;
  readonly silenceMs: number;
  readonly now: Instant;
  readonly stalledUntilMs: number | null;
  /** Where this node stands. */
  readonly site: SiteName;
  /** Whether this node hears the nodes of the broker's site; null when it cannot say. */
  readonly brokerSiteHeard: boolean | null;
};

type Word =
  | { readonly verdict: 'dead' | 'alive'; readonly ground: TestimonyGround; readonly detail: string }
  | { readonly verdict: 'abstain' | 'neverReached'; readonly detail: string };

const alive = (detail: string): Word => ({ verdict: 'alive', ground: 'answer', detail });

function wordOnRefusal({ silenceMs, now }: BrokerTestimonyInput, own: BrokerEvidence, said: string): Word {
  const silentMs = now.monotonicMs - own.heardAtMs;
  if (own.closedAtMs === null && own.channel !== null && silentMs < silenceMs)
    return alive(`${said}, but it was heard ${Math.round(silentMs)} ms ago on a connection that stands`);
  return { verdict: 'dead', ground: 'refusal', detail: `${said}, nothing heard since` };
}

function wordOnSilence(
  { silenceMs, now }: BrokerTestimonyInput,
  own: BrokerEvidence,
  waitedMs: number,
): Word {
  const silentMs = now.monotonicMs - own.heardAtMs;
  // It was never asked: this node has too many questions out, or no way to ask.
  if (waitedMs <= 0) return { verdict: 'abstain', detail: 'it could not be asked' };
  const said = `silent for ${Math.round(waitedMs)} ms`;
  if (silentMs < waitedMs) return alive(`${said}, but heard meanwhile`);
  // A process that stands still for a moment answers nothing either, and may have closed its connections before.
  if (silentMs < silenceMs)
    return { verdict: 'abstain', detail: `${said}, but heard ${Math.round(silentMs)} ms ago` };
  return {
    verdict: 'dead',
    ground: 'silence',
    detail: `${said}, nothing heard for ${Math.round(silentMs)} ms`,
  };
}

function word(input: BrokerTestimonyInput): Word {
  const { own, answer, name, silenceMs, now, stalledUntilMs, brokerSiteHeard } = input;
  const stall = reasonToAbstain({ detectionMs: graceOf(silenceMs), now, stalledUntilMs });
  if (stall !== null) return { verdict: 'abstain', detail: stall };
  switch (answer.kind) {
    case 'answered': {
      const { brokerName } = answer;
      if (brokerName === null || brokerName === name) return alive('answers');
      const detail = `a broker of ${brokerName} answers in its place`;
      return { verdict: 'dead', ground: 'otherProcess', detail };
    }
    case 'acknowledged':
      return alive('answers');
    case 'answeredError':
      return alive(`answers with error ${answer.code}`);
    case 'refused':
    case 'disconnected':
    case 'silent':
      break;
  }
  if (own === null) {
    const heard = brokerSiteHeard;
    const site = heard === null ? '' : heard ? '; its site answers' : '; its site does not answer either';
    return { verdict: 'neverReached', detail: `no answer; never heard here${site}` };
  }
  if (answer.kind === 'silent') return wordOnSilence(input, own, answer.waitedMs);
  const verb = answer.kind === 'refused' ? 'refuses' : 'cuts';
  return wordOnRefusal(input, own, `${verb} connections (${answer.error})`);
}

/** `abstain` and `neverReached` never count as an accusation of the broker itself. */
export function testifyBroker(input: BrokerTestimonyInput): Testimony {
  return {
    site: input.site,
    ...word(input),
    ...(input.brokerSiteHeard === null ? {} : { brokerSiteHeard: input.brokerSiteHeard }),
  };
}
