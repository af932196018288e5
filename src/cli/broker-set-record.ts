/** Elections of RocketMQ broker sets for people: a line each, and one with all that was behind it. */
import type { BrokerSetRecordAnswer } from '../contract/broker-set-history.ts';
import type { Paint } from './paint.ts';
import { facts, section, table } from './table.ts';
import { durationText, timeText } from './words.ts';

const masterText = (paint: Paint, { from, to }: BrokerSetRecordAnswer): string =>
  `${from ?? 'none'} -> ${to ?? paint.bad('nobody')}`;

const reasonText = (paint: Paint, { reason, unsafe }: BrokerSetRecordAnswer): string =>
  unsafe ? paint.warning(`${reason}, unsafe`) : reason;

const lossText = ({ predictedLossBytes }: BrokerSetRecordAnswer): string =>
  predictedLossBytes === null ? 'nobody can say' : `${predictedLossBytes} bytes`;

/** Newest first, as they come. */
export function electionTable(paint: Paint, records: readonly BrokerSetRecordAnswer[]): string {
  return table(
    paint,
    ['RECORD', 'AT', 'BROKER SET', 'REASON', 'EPOCH', 'MASTER', 'AT MOST LOST', 'BY'],
    records.map((record) => [
      record.id,
      timeText(record.wallMs),
      `${record.cluster}/${record.brokerSet}`,
      reasonText(paint, record),
      String(record.masterEpoch),
      masterText(paint, record),
      lossText(record),
      record.by,
    ]),
  );
}

export function electionText(paint: Paint, record: BrokerSetRecordAnswer): string {
  const { evidence, candidates, steps } = record;
  const firstMs = evidence[0]?.wallMs ?? record.wallMs;
  const since = (wallMs: number): string => (wallMs < firstMs ? '-' : `+${durationText(wallMs - firstMs)}`);
  const head = facts([
    ['record', record.id],
    ['broker set', `${record.cluster}/${record.brokerSet}`],
    ['reason', reasonText(paint, record)],
    ['master', masterText(paint, record)],
    ['master epoch', String(record.masterEpoch)],
    ['by', record.by],
    ['at most lost', lossText(record)],
  ]);
  const evidenceTable = table(
    paint,
    ['NODE', 'SITE', 'VERDICT', 'AT', 'WHAT IT SAW'],
    evidence.map((one) => [one.node, one.site, one.verdict, timeText(one.wallMs), one.detail]),
  );
  const candidateTable = table(
    paint,
    ['BROKER', 'IDC', 'EPOCH', 'OFFSET', 'CHOSEN', 'WHY'],
    candidates.map((one) => [
      String(one.id),
      one.site ?? '',
      one.epoch === null ? '' : String(one.epoch),
      one.maxOffset ?? '',
      one.chosen ? paint.good('yes') : 'no',
      one.detail,
    ]),
  );
  const stepTable = table(
    paint,
    ['AT', 'SINCE START', 'STEP', 'DETAIL'],
    steps.map((one) => [timeText(one.wallMs), since(one.wallMs), one.step, one.detail]),
  );
  return [
    `${head}\n`,
    section(paint, 'EVIDENCE', evidence.length === 0 ? '' : evidenceTable),
    section(paint, 'CANDIDATES', candidates.length === 0 ? '' : candidateTable),
    section(paint, 'STEPS', steps.length === 0 ? '' : stepTable),
  ].join('');
}
