/** Numbers of bodies that may be beyond 2^53. */
import { z } from 'zod';

const OFFSET = 'a whole number of 64 bits';
const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

/** As a bigint, however large it is. */
export const offset = z
  .union([z.int(), z.bigint()], OFFSET)
  .transform((value) => BigInt(value))
  .refine((value) => value >= LEAST && value <= MOST, OFFSET);
