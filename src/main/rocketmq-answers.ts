/**
 * How fast the brokers of RocketMQ's broker sets answer this node. They speak to the nodes by one-way heartbeats, which
 * tell nothing of a way back, so each is asked something small now and then, over a connection made for it, as in a
 * confirmation. Questions that the tier asks for its own reasons are measured as well. Nothing is judged by these figures.
 */
import type { BrokerAnswer, RocketmqPort } from '../core/coordinator/broker-sets/rocketmq-port.ts';
import type { MetadataState } from '../core/metadata/state.ts';
import type { NodeFace } from '../core/node/face.ts';
import type { TimerPort } from '../core/node/ports.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { NodeMetrics as Measures } from '../platform/metrics.ts';

/** Between two portions of questions. */
const PORTION_INTERVAL_MS = 1_000;
/** Each broker is asked about so often, unless there are too many for that. */
const ROUND_MS = 10_000;
const MOST_AT_ONCE = 32;
const ANSWER_MS = 1_000;

const FAILURES = ['refused', 'silent', 'disconnected', 'answeredError'] as const;

type Labels = { readonly broker_set: string; readonly broker: number; readonly vantage: string };

export type RocketmqAnswers = {
  /** What a probe of this node came to. */
  answered(address: string, answer: BrokerAnswer): void;
  /** Forgets brokers that are not known any more. */
  keepOnly(): void;
};

/** The same port; what its probes come to is measured on the way. */
export const measuredRocketmq = (
  port: RocketmqPort,
  answered: RocketmqAnswers['answered'],
): RocketmqPort => ({
  ask: async (address, ask, timeoutMs) => {
    const answer = await port.ask(address, ask, timeoutMs);
    if (ask.kind === 'probe') answered(address, answer);
    return answer;
  },
  close: () => port.close(),
});

export function rocketmqAnswers(
  measures: Measures,
  face: Pick<NodeFace, 'state' | 'status'>,
): RocketmqAnswers {
  /** By address. */
  const seen = new Map<string, Labels>();
  const forget = (address: string, labels: Labels): void => {
    seen.delete(address);
    measures.forget('pollux_broker_answer_seconds', labels);
    for (const outcome of FAILURES)
      measures.forget('pollux_broker_answer_failures_total', { ...labels, outcome });
  };
  const labelsOf = (address: string): Labels | null => {
    const known = seen.get(address);
    if (known !== undefined) return known;
    if (seen.size >= LIMITS.replicasMeasured) return null;
    const found = knownBrokers(face.state()).get(address);
    if (found === undefined) return null;
    const labels = { ...found, vantage: face.status().node };
    seen.set(address, labels);
    return labels;
  };
  return {
    answered(address, answer) {
      // It was never asked: this node has no way to, or too many questions are out.
      if (answer.kind === 'acknowledged' || (answer.kind === 'silent' && answer.waitedMs <= 0)) return;
      const labels = labelsOf(address);
      if (labels === null) return;
      if (answer.kind === 'answered')
        measures.observe('pollux_broker_answer_seconds', labels, answer.answerMs / 1_000);
      else measures.add('pollux_broker_answer_failures_total', { ...labels, outcome: answer.kind }, 1);
    },
    keepOnly() {
      const known = knownBrokers(face.state());
      for (const [address, labels] of seen) {
        const found = known.get(address);
        if (found?.broker_set !== labels.broker_set || found.broker !== labels.broker)
          forget(address, labels);
      }
    },
  };
}

/** Brokers of sets by their address. */
const knownBrokers = ({
  brokerSets,
}: Pick<MetadataState, 'brokerSets'>): ReadonlyMap<string, Omit<Labels, 'vantage'>> =>
  new Map(
    [...brokerSets.values()].flatMap(({ key, brokers }) =>
      [...brokers.values()].flatMap(({ id, address }) =>
        address === '' ? [] : [[address, { broker_set: key, broker: id }] as const],
      ),
    ),
  );

/** Asks the brokers of all sets in turn until it is stopped. */
export function askBrokersInTurn(
  port: RocketmqPort,
  face: Pick<NodeFace, 'state'>,
  timers: TimerPort,
): { stop(): void } {
  let waiting: string[] = [];
  let round = 0;
  let cancel: () => void;
  const next = (): void => {
    if (waiting.length === 0 && round <= 0) {
      waiting = [...knownBrokers(face.state()).keys()];
      round = ROUND_MS / PORTION_INTERVAL_MS;
    }
    const most = Math.min(MOST_AT_ONCE, Math.ceil(waiting.length / Math.max(1, round)));
    round -= 1;
    for (const address of waiting.splice(0, most)) void port.ask(address, { kind: 'probe' }, ANSWER_MS);
    cancel = timers.after(PORTION_INTERVAL_MS, next);
  };
  cancel = timers.after(PORTION_INTERVAL_MS, next);
  return { stop: () => cancel() };
}
