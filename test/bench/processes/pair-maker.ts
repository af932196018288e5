/**
 * Keys and values for whoever writes them, so that every system of a comparison is given the same. They are those of a
 * command that has exactly so many bytes in the log of a node; keys are used again and again, because a tier holds
 * only so many, and its state is not what is measured.
 */
import { encodeCommand } from '../../../src/core/metadata/command-codec.ts';

const KEYS = 1_000;
const keyOf = (position: number): string => `benchmark-${String(position % KEYS).padStart(6, '0')}`;

export type Pair = { readonly key: string; readonly value: string };

export function pairMaker(commandBytes: number): (position: number) => Pair {
  const empty = encodeCommand({ type: 'keyValue.set', key: keyOf(0), value: '' });
  const value = 'v'.repeat(commandBytes - empty.length);
  return (position) => ({ key: keyOf(position), value });
}
