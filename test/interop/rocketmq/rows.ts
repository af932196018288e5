/**
 * Everything that is tried, in its order. Topics come first, for the others use them; what only looks comes before the
 * faults, whose end is the count of all that was acknowledged.
 */
import type { RocketmqTier } from './ground.ts';
import type { Row } from './row.ts';
import { COUNT_ROW, FAULT_ROWS } from './rows/faults.ts';
import { MESSAGE_ROWS, TOPICS_ROW } from './rows/messages.ts';
import { MOVING_IN_ROWS } from './rows/moving-in.ts';
import { LOOKING_ROWS, MOVING_ROWS } from './rows/mqadmin.ts';
import { NAMING_ROW } from './rows/naming.ts';

export const ROWS: readonly Row[] = [
  TOPICS_ROW,
  ...MESSAGE_ROWS,
  NAMING_ROW,
  ...LOOKING_ROWS,
  ...FAULT_ROWS,
  COUNT_ROW,
  ...MOVING_ROWS,
  ...MOVING_IN_ROWS,
];

export type Choice = {
  /** Parts of names; all rows where there is none. */
  readonly only: readonly string[];
  readonly withoutSlow: boolean;
  readonly tier: RocketmqTier['kind'];
};

/** With what they need: the topics, and the count of what was acknowledged meanwhile. */
export function chosenRows({ only, withoutSlow, tier }: Choice): readonly Row[] {
  const isNamed = ({ name }: Row): boolean => only.length === 0 || only.some((part) => name.includes(part));
  const isHere = ({ at = tier }: Row): boolean => at === tier;
  const named = ROWS.filter((row) => isNamed(row) && isHere(row) && !(withoutSlow && row.slow === true));
  const isCounted = named.some(({ counted }) => counted === true);
  return ROWS.filter((row) => row === TOPICS_ROW || (row === COUNT_ROW ? isCounted : named.includes(row)));
}
