/**
 * Which of the brokers that were asked afresh becomes master: the one with the highest last epoch, of these the one with
 * the highest offset. Preference only breaks ties: RocketMQ's own election priority (lower is preferred), then the lower
 * id. The IDC is no tie-breaker: where a master was lost with its IDC its own IDC is not to be had, and an IDC that
 * masters are to stay out of is a matter of stops, which are looked at before.
 */
import type { BrokerCandidate, BrokerSet } from '../../metadata/broker-set-state.ts';
import { MAX_EPOCH, type SiteName } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { BrokerHeartbeat } from './broker-heard.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';

export type AskedBroker = {
  readonly id: number;
  readonly site: SiteName | null;
  readonly priority: number;
  /** It heartbeats as often as a broker does that serves. */
  readonly serves: boolean;
  readonly answer: BrokerAnswer | null;
};

export type ReadBroker = {
  readonly id: number;
  readonly site: SiteName | null;
  readonly priority: number;
  readonly epoch: number;
  readonly maxOffset: bigint;
  /** It believes to be the master. */
  readonly reigns: boolean;
};

type ChosenSet = Pick<BrokerSet, 'name' | 'masterEpoch'>;

/** Offsets are signed numbers of 64 bits. */
const MOST_BYTES = 2n ** 63n - 1n;

/**
 * A tier that lost its state is behind by as many elections as its brokers have seen. Whoever is further ahead than any
 * set ever gets talks nonsense; to go above it would use up the epochs that there are, and then nobody can be elected.
 */
const MOST_EPOCHS_AHEAD = 1_000_000;

const isEpoch = (epoch: number): boolean => Number.isInteger(epoch) && epoch >= 0 && epoch < MAX_EPOCH;

/** Whether a broker of that set may be in that epoch. */
export const isEpochOf = ({ masterEpoch }: Pick<BrokerSet, 'masterEpoch'>, epoch: number): boolean =>
  isEpoch(epoch) && epoch <= masterEpoch + MOST_EPOCHS_AHEAD;

/** The highest epoch that any broker of the set was heard in, reachable now or not. */
export const highestHeard = (
  set: Pick<BrokerSet, 'masterEpoch'>,
  heartbeats: readonly (Pick<BrokerHeartbeat, 'epoch'> | null)[],
): number =>
  heartbeats.reduce(
    (highest, said) =>
      said !== null && isEpochOf(set, said.epoch) ? Math.max(highest, said.epoch) : highest,
    0,
  );

/** What a broker's answer proves of its data; a reason where it proves nothing. */
export function readBroker(
  { name, masterEpoch }: ChosenSet,
  { id, site, priority, serves, answer }: AskedBroker,
): ReadBroker | string {
  if (answer === null) return 'it was not asked';
  switch (answer.kind) {
    case 'answered': {
      const { epochs, maxOffset, brokerName } = answer;
      if (brokerName !== null && brokerName !== name)
        return `a broker of ${brokerName} answered in its place`;
      if (epochs === null || maxOffset === null) return 'its answer has no epochs';
      const epoch = epochs.reduce((highest, line) => Math.max(highest, line.epoch), 0);
      // What it says goes into the log: a word that is no epoch or offset must not end the node that repeats it.
      if (!isEpochOf({ masterEpoch }, epoch) || maxOffset < 0n || maxOffset > MOST_BYTES)
        return 'its answer has no epoch or offset that there could be';
      // One that waits for its role after a start answers with the id of its configuration, which may be the master's.
      return { id, site, priority, epoch, maxOffset, reigns: serves && answer.brokerId === 0 };
    }
    case 'answeredError':
      return `it answered with error ${answer.code} (${answer.remark})`;
    case 'acknowledged':
      return 'its answer has no epochs';
    case 'refused':
      return `it refuses connections (${answer.error})`;
    case 'disconnected':
      return `it cuts connections (${answer.error})`;
    case 'silent':
      return 'it did not answer';
  }
}

/** Sorts the better one to the front. `heedReign`: of the highest epoch, a broker that reigns goes before all others. */
export function byWhatTheyHold(heedReign: boolean): (one: ReadBroker, other: ReadBroker) => number {
  return (one, other) => {
    if (one.epoch !== other.epoch) return other.epoch - one.epoch;
    if (heedReign && one.reigns !== other.reigns) return one.reigns ? -1 : 1;
    if (one.maxOffset !== other.maxOffset) return one.maxOffset > other.maxOffset ? -1 : 1;
    if (one.priority !== other.priority) return one.priority - other.priority;
    return one.id - other.id;
  };
}

export type Choice = {
  readonly chosen: ReadBroker | null;
  /** Everybody who was asked, with what was read, for the history. */
  readonly candidates: readonly BrokerCandidate[];
  /** Of all who answered, candidates or not. */
  readonly highestEpoch: number;
  readonly read: ReadonlyMap<number, ReadBroker>;
};

/** `eligible`: who may be chosen; the others were asked for what they know. */
export function chooseMaster(
  set: ChosenSet,
  asked: readonly AskedBroker[],
  eligible: (broker: ReadBroker) => boolean,
  heedReign: boolean,
): Choice {
  const results = asked.map((broker) => ({ broker, result: readBroker(set, broker) }));
  const read = new Map<number, ReadBroker>();
  for (const { result } of results) if (typeof result !== 'string') read.set(result.id, result);
  const [chosen] = [...read.values()].filter(eligible).sort(byWhatTheyHold(heedReign));
  const candidates = results.map(({ broker, result }): BrokerCandidate => {
    const { id, site } = broker;
    if (typeof result === 'string')
      return {
        id,
        site,
        epoch: null,
        maxOffset: null,
        chosen: false,
        detail: result.slice(0, LIMITS.textCharacters),
      };
    const { epoch, maxOffset } = result;
    return {
      id,
      site,
      epoch,
      maxOffset,
      chosen: id === chosen?.id,
      detail: result.reigns ? 'it reigns' : '',
    };
  });
  const highestEpoch = [...read.values()].reduce((highest, { epoch }) => Math.max(highest, epoch), 0);
  return { chosen: chosen ?? null, candidates, highestEpoch, read };
}
