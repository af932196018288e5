/** One record of the history for people: who said what, what was done when, and why that replica was chosen. */
import type { HistoryRecordAnswer } from '../contract/history.ts';
import type { Paint } from './paint.ts';
import { facts, section, table } from './table.ts';
import { durationText, timeText } from './words.ts';

const NEEDS_A_LOOK: ReadonlySet<HistoryRecordAnswer['outcome']> = new Set([
  'running',
  'unprovable',
  'automaticStopped',
  'coolingDown',
  'wouldHave',
]);

/** Records of moves say where to; of suspicions that moved nothing, that nothing was moved. */
export const moveText = ({ from, to, outcome }: HistoryRecordAnswer): string => {
  if (to !== null || outcome === 'running') return `${from ?? 'none'} -> ${to ?? 'not chosen yet'}`;
  return outcome === 'superseded' ? `${from ?? 'none'} -> nobody` : `${from ?? 'none'}, not moved`;
};

const bytesText = (bytes: string | null): string => (bytes === null ? 'not known' : `${bytes} bytes`);

const lossText = ({ predictedBytes, measuredBytes }: HistoryRecordAnswer['loss']): string => {
  const measured =
    measuredBytes === null ? 'not measured' : `at most ${measuredBytes} bytes by the old master's tail`;
  return `${bytesText(predictedBytes)} predicted, ${measured}`;
};

export function paintedOutcome(paint: Paint, outcome: HistoryRecordAnswer['outcome']): string {
  if (outcome === 'completed') return paint.good(outcome);
  return NEEDS_A_LOOK.has(outcome) ? paint.warning(outcome) : outcome;
}

export const startedText = (record: HistoryRecordAnswer): string => {
  const wallMs = [...record.evidence, ...record.steps].map((entry) => entry.wallMs);
  return wallMs.length === 0 ? '-' : timeText(Math.min(...wallMs));
};

export function recordText(paint: Paint, record: HistoryRecordAnswer): string {
  const { evidence, steps, candidates } = record;
  const firstWallMs = steps[0]?.wallMs ?? 0;
  const head = facts([
    ['record', record.id],
    ['group', `${record.cluster}/${record.group}`],
    ['reason', record.reason],
    ['epoch', String(record.epoch)],
    ['move', moveText(record)],
    ['by', record.by],
    ['outcome', paintedOutcome(paint, record.outcome)],
    ['loss', lossText(record.loss)],
  ]);
  const evidenceTable = table(
    paint,
    ['NODE', 'SITE', 'VERDICT', 'AT', 'WHAT IT SAW'],
    evidence.map((one) => [one.node, one.site, one.verdict, timeText(one.wallMs), one.detail]),
  );
  const stepTable = table(
    paint,
    ['AT', 'SINCE START', 'STEP', 'DETAIL'],
    steps.map((one) => [
      timeText(one.wallMs),
      `+${durationText(one.wallMs - firstWallMs)}`,
      one.step,
      one.detail,
    ]),
  );
  const candidateTable = table(
    paint,
    ['REPLICA', 'SITE', 'EPOCH', 'OFFSET', 'CHOSEN', 'WHY'],
    candidates.map((one) => [
      one.replica,
      one.site,
      String(one.epoch),
      one.offset ?? '-',
      one.chosen ? paint.good('yes') : 'no',
      one.detail,
    ]),
  );
  return [
    `${head}\n`,
    section(paint, 'EVIDENCE', evidence.length === 0 ? '' : evidenceTable),
    section(paint, 'STEPS', steps.length === 0 ? '' : stepTable),
    section(paint, 'CANDIDATES', candidates.length === 0 ? '' : candidateTable),
  ].join('');
}
