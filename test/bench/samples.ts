/** Medians and percentiles, of samples in no particular order. */

/** The smallest sample that at least `share` of all samples do not exceed; NaN of none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle sample; the mean of the middle two of an even number. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

export const sum = (samples: readonly number[]): number =>
  samples.reduce((total, sample) => total + sample, 0);

/** To three decimals, which is more than any of these figures can tell. */
export const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
