/**
 * A planted bug: a place of the production code, and what is put there instead. It stands for a mistake that somebody
 * could make; the simulation must notice it by what it does, within a bounded number of lives.
 */
export type Change = {
  /** Below the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
};

export type Mutant = Change & {
  /** Kebab case, unique; says what the code does wrongly. */
  readonly name: string;
  /** Where one mistake is held off in several places: the others, each in another file. */
  readonly also?: readonly Change[];
  readonly profile: 'consensus' | 'failover';
  /** Lives within which it must be caught; {@link DEFAULT_SEEDS} where it is left out. */
  readonly seeds?: number;
  /** Name of the kept scenario that shows it, where chance hardly ever leads there: that is lived instead. */
  readonly scenario?: string;
};

export const DEFAULT_SEEDS = 400;
