/** Which version of its topics a broker has. Two are the same where all three numbers are. */
import { z } from 'zod';
import type { Json } from '../json-writer.ts';

export type DataVersion = {
  /** The master's epoch under a controller; brokers of release 4 do not have it. */
  readonly stateVersion: number;
  readonly timestamp: number;
  readonly counter: number;
};

export const NO_DATA_VERSION: DataVersion = { stateVersion: 0, timestamp: 0, counter: 0 };

const count = z
  .int('a whole number')
  .nullish()
  .transform((value) => value ?? 0);

export const dataVersionSchema = z.object(
  { stateVersion: count, timestamp: count, counter: count },
  'a data version',
);

export const dataVersionJson = ({ counter, stateVersion, timestamp }: DataVersion): Json => ({
  counter,
  stateVersion,
  timestamp,
});

export const isSameDataVersion = (one: DataVersion, other: DataVersion): boolean =>
  one.stateVersion === other.stateVersion &&
  one.timestamp === other.timestamp &&
  one.counter === other.counter;
