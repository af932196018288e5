/**
 * Broken invariants end the process: an exception here is a bug in pollux, never bad input
 * (bad input is a Refusal).
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Returns the value, or ends the process loudly when an invariant says that it must be there. */
export function must<Value>(value: Value | undefined | null, message: string): Value {
  if (value === undefined || value === null) throw new InvariantError(message);
  return value;
}

/** The last branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${JSON.stringify(value)}`);
}
