/**
 * The core's only source of randomness: sfc32, seeded from outside, so that a run can be replayed from
 * its seed. Not for secrets.
 */
export type SeededRandom = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [low, high). */
  integer(low: number, high: number): number;
};

export function seededRandom(seed: number): SeededRandom {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88 ^ Math.imul(seed, 0x85ebca6b);
  let c = 0xb7e15162;
  let counter = 1;
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  // The first outputs still show the seed; discard them.
  for (let round = 0; round < 15; round += 1) next32();
  const next = (): number => next32() / 2 ** 32;
  return { next, integer: (low, high) => low + Math.floor(next() * (high - low)) };
}
