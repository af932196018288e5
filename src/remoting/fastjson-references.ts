/**
 * `{"$ref":"$.path.to.first"}`: what fastjson writes for a value that it wrote before, such as attributes that two
 * topics share. The value itself takes the place of its reference, not a copy; a reference that leads nowhere, to itself or
 * to what it lies in becomes null, which no body of the protocol gives a meaning.
 */
import { REMOTING_LIMITS } from './limits.ts';

export const REFERENCE = '$ref';

export type Reference = {
  readonly path: string;
  /** Puts the value that is meant into its place. */
  put(target: unknown): void;
};

type Walk = { values: number; isOpen: boolean };

/** Steps of a path: `.name`, in which a backslash takes the next character for itself, or `[3]`. */
const STEP = /\.((?:[^.[\]\\]|\\.)+)|\[(\d{1,10})\]/gsy;

function stepsOf(path: string): string[] | null {
  if (!path.startsWith('$')) return null;
  const steps: string[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const [, name, index] = STEP.exec(path) ?? [];
    const step = name?.replace(/\\(.)/gs, '$1') ?? index;
    if (step === undefined || steps.length > REMOTING_LIMITS.jsonDepth) return null;
    steps.push(step);
  }
  return steps;
}

function valueAt(root: unknown, path: string): unknown {
  const steps = stepsOf(path);
  let value: unknown = steps === null ? null : root;
  for (const step of steps ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Counts the values in it; open are those in which a reference is not resolved yet, or that go too deep. */
function walk(value: unknown, depth: number, counted: Walk): void {
  counted.values += 1;
  if (typeof value !== 'object' || value === null || counted.isOpen) return;
  if (depth > REMOTING_LIMITS.jsonDepth || REFERENCE in value) {
    counted.isOpen = true;
    return;
  }
  for (const member of Object.values(value)) {
    if (counted.values > REMOTING_LIMITS.jsonValues) return;
    walk(member, depth + 1, counted);
  }
}

/**
 * False where the values that references repeat are too many, all told. They are resolved in the order of the text:
 * fastjson refers to what it wrote before, in which every reference has been resolved by then.
 */
export function resolveReferences(root: unknown, references: readonly Reference[], values: number): boolean {
  let total = values;
  for (const { path, put } of references) {
    const target = valueAt(root, path);
    const counted = { values: 0, isOpen: false };
    walk(target, 0, counted);
    total += counted.values;
    if (total > REMOTING_LIMITS.jsonValues) return false;
    put(counted.isOpen ? null : target);
  }
  return true;
}
