/** Tables of bodies as maps: their keys are names and numbers of others, which an object would put in order or take for its own. */
import { z } from 'zod';
import type { Json } from '../json-writer.ts';

/** Absent or null is an empty table. */
export const tableOf = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value, 'a table')
    .nullish()
    .transform((table): ReadonlyMap<string, z.output<Value>> => new Map(Object.entries(table ?? {})));

const NUMBER = /^-?\d{1,15}$/;

/** The same with numbers for keys, quoted or not. */
export const numberTableOf = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string().regex(NUMBER, 'a whole number as key'), value, 'a table')
    .nullish()
    .transform(
      (table): ReadonlyMap<number, z.output<Value>> =>
        new Map(Object.entries(table ?? {}).map(([key, member]) => [Number(key), member])),
    );

/** Absent or null is an empty list. */
export const listOf = <Value extends z.ZodType>(value: Value) =>
  z
    .array(value, 'a list')
    .nullish()
    .transform((list): readonly z.output<Value>[] => list ?? []);

export const tableJson = <Key extends string | number, Value>(
  table: ReadonlyMap<Key, Value>,
  write: (value: Value) => Json,
): Json => Object.fromEntries([...table].map(([key, value]) => [key, write(value)]));
