/**
 * What every benchmark gives back: a figure of ours, the same of a peer that was measured in the same run, and
 * whether the goal holds. The goal is stated once, in the benchmark's own file, and printed with the result.
 */
export type Progress = (line: string) => void;

export type Outcome = {
  /** Ours, in `unit`. */
  readonly figure: number;
  /** The peer's, in `unit`. */
  readonly peer: number;
  /** figure / peer. */
  readonly ratio: number;
  readonly unit: string;
  /** True only if the goal holds. */
  readonly met: boolean;
  readonly goal: string;
  readonly comparedWith: string;
  /** Whatever else helps to judge the figure; numbers carry their unit in the name. */
  readonly details: Readonly<Record<string, unknown>>;
};

/** `tiny` goes through the same motions within seconds, for the test that the motions work; its figures mean nothing. */
export type Size = 'full' | 'tiny';

export type Benchmark = {
  readonly summary: string;
  /** Programs of others that have to be on the path; `tools.ts` knows where they come from. */
  readonly needs?: readonly string[];
  /** `progress` takes lines for whoever waits; the result is the value. */
  readonly measure: (size: Size, progress: Progress) => Promise<Outcome>;
};
