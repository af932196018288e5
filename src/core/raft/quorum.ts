/** Arithmetic of majorities. Two majorities of the same voters always share one. */

export const majorityOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** The greatest value that a majority has reached; sorts `values` in place. */
export function reachedByMajority(values: number[]): number {
  values.sort((left, right) => right - left);
  return values[majorityOf(values.length) - 1] ?? 0;
}
