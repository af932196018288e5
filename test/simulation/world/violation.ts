/** A promise that was broken, by the name of the promise. It ends the life in which it happened. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly property: string;

  constructor(property: string, detail: string, cause?: unknown) {
    super(`${property}: ${detail}`, { cause });
    this.property = property;
  }
}

/** Oracles state with it what has to hold. `detail` is only put together when it does not. */
export function demand(condition: boolean, property: string, detail: () => string): asserts condition {
  if (!condition) throw new Violation(property, detail());
}
