/**
 * Lists and tables of bodies; tables as maps: their keys are names and numbers of others, which an object would put in
 * order or take for its own. What is wrong ends the reading: a body full of it must not become a list of it.
 */
import { z } from 'zod';
import type { Json } from '../json-writer.ts';

const NUMBER = /^-?\d{1,15}$/;

/** Tells in the words of the value's schema what is wrong with a member. */
function addIssue(context: z.RefinementCtx, at: PropertyKey, error: z.ZodError): void {
  const [issue] = error.issues;
  const path = [at, ...(issue?.path ?? [])];
  context.addIssue({ code: 'custom', message: issue?.message ?? 'another value', path });
}

function readTable<Key, Value>(
  table: unknown,
  context: z.RefinementCtx,
  value: z.ZodType<Value>,
  keyOf: (key: string) => Key | null,
): ReadonlyMap<Key, Value> {
  const read = new Map<Key, Value>();
  if (table === undefined || table === null) return read;
  if (typeof table !== 'object' || Array.isArray(table)) {
    context.addIssue({ code: 'custom', message: 'a table' });
    return z.NEVER;
  }
  for (const [key, member] of Object.entries(table)) {
    const readKey = keyOf(key);
    if (readKey === null) {
      context.addIssue({ code: 'custom', message: 'a whole number as key', path: [key] });
      return z.NEVER;
    }
    const parsed = value.safeParse(member);
    if (!parsed.success) {
      addIssue(context, key, parsed.error);
      return z.NEVER;
    }
    read.set(readKey, parsed.data);
  }
  return read;
}

const anything = z.unknown().optional();

/** Absent or null is an empty table. */
export const tableOf = <Value>(value: z.ZodType<Value>) =>
  anything.transform((table, context) => readTable(table, context, value, (key) => key));

/** The same with numbers for keys, quoted or not. */
export const numberTableOf = <Value>(value: z.ZodType<Value>) =>
  anything.transform((table, context) =>
    readTable(table, context, value, (key) => (NUMBER.test(key) ? Number(key) : null)),
  );

/** Absent or null is an empty list. */
export const listOf = <Value>(value: z.ZodType<Value>, most: number = Number.MAX_SAFE_INTEGER) =>
  anything.transform((list, context): readonly Value[] => {
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list) || list.length > most) {
      context.addIssue({
        code: 'custom',
        message: Array.isArray(list) ? `a list of at most ${most}` : 'a list',
      });
      return z.NEVER;
    }
    const read: Value[] = [];
    for (const [at, member] of list.entries()) {
      const parsed = value.safeParse(member);
      if (!parsed.success) {
        addIssue(context, at, parsed.error);
        return z.NEVER;
      }
      read.push(parsed.data);
    }
    return read;
  });

export const tableJson = <Key extends string | number, Value>(
  table: ReadonlyMap<Key, Value>,
  write: (value: Value) => Json,
): Json => Object.fromEntries([...table].map(([key, value]) => [key, write(value)]));
