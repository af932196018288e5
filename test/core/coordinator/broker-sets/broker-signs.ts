/** Signs of RocketMQ brokers with everything filled in; shared by the tests of evidence and judgement. */
import type { BrokerHeard } from '../../../../src/core/coordinator/broker-sets/broker-heard.ts';
import type { BrokerRef } from '../../../../src/core/coordinator/broker-sets/messages.ts';
import type { BrokerAnswer } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { clusterName, groupName } from '../../../../src/core/primitives/identifiers.ts';
import type { Instant } from '../../../../src/core/primitives/instant.ts';

export const CLUSTER = clusterName('C');
export const NAME = groupName('broker-a');
export const refOf = (number: number): BrokerRef => ({
  cluster: CLUSTER,
  name: NAME,
  address: `10.0.0.${number}:10911`,
});
export const at = (monotonicMs: number): Instant => ({
  monotonicMs,
  wallMs: 1_700_000_000_000 + monotonicMs,
});

export const heartbeat = (
  number: number,
  changes: Partial<Extract<BrokerHeard, { what: 'heartbeat' }>> = {},
): BrokerHeard => ({
  ...refOf(number),
  what: 'heartbeat',
  channel: number,
  brokerId: number,
  epoch: 1,
  maxOffset: 100n,
  confirmOffset: 100n,
  timeoutMs: 10_000,
  priority: 2_147_483_647,
  zone: null,
  ...changes,
});

export const registered = (number: number, channel = number): BrokerHeard => ({
  ...refOf(number),
  what: 'registered',
  brokerId: number,
  channel,
});

export const closed = (number: number, channel = number): BrokerHeard => ({
  ...refOf(number),
  what: 'closed',
  channel,
});

/** To a probe. */
export const answered = (
  epoch: number,
  maxOffset: bigint,
  changes: Partial<Extract<BrokerAnswer, { kind: 'answered' }>> = {},
): BrokerAnswer => ({
  kind: 'answered',
  answerMs: 1,
  epochs: [{ epoch, startOffset: 0n, endOffset: 2n ** 63n - 1n }],
  maxOffset,
  brokerId: 3,
  brokerName: NAME,
  ...changes,
});

export const REFUSED: BrokerAnswer = { kind: 'refused', error: 'ECONNREFUSED' };
export const SILENT: BrokerAnswer = { kind: 'silent', waitedMs: 300 };
