/** A kept record of an election of a RocketMQ broker set, or of a master lost without a successor. */
import type { BrokerSetRecordAnswer } from '../../../contract/broker-set-history.ts';
import type { BrokerSetRecord } from '../../../core/metadata/broker-set-state.ts';

export const brokerSetRecordView = ({ name, ...record }: BrokerSetRecord): BrokerSetRecordAnswer => ({
  ...record,
  brokerSet: name,
  evidence: [...record.evidence],
  candidates: record.candidates.map((candidate) => ({
    ...candidate,
    maxOffset: candidate.maxOffset?.toString() ?? null,
  })),
  predictedLossBytes: record.predictedLossBytes?.toString() ?? null,
  steps: [...record.steps],
});
