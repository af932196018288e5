/** A kind of life: how its course is drawn, and how it is lived. */

/** Takes each line of the readable transcript. */
export type OnNote = (line: string) => void;

export type LifeReport = {
  readonly steps: number;
  /** Equal for equal histories. */
  readonly fingerprint: number;
  /** How often each kind of thing happened. */
  readonly counts: Readonly<Record<string, number>>;
};

export type PreparedLife = {
  /** The course of this life as a plain value that JSON can carry. */
  readonly plan: unknown;
  /** Lives it to its end; throws a `Violation` when a promise is broken. */
  live(onNote?: OnNote): Promise<LifeReport>;
};

export type Profile = {
  readonly name: string;
  /** What has to happen, and how often in the average life at least; many lives without it prove nothing. */
  readonly mustHappen: Readonly<Record<string, number>>;
  /** Draws the course of a life. */
  prepare(seed: number): PreparedLife;
  /** Takes up a plan that was written down; throws where it is none of this profile. */
  resume(plan: unknown): PreparedLife;
};
