/**
 * Whether a history of one key could have happened in one place, one operation at a time, each at some moment between
 * its question and its answer (Herlihy and Wing); keys are judged one by one, since a history is linearizable exactly
 * when its part for each key is.
 *
 * Questions and answers are gone through in order, with the set of all states in which the key can be: its value, and
 * which of the operations under way have taken effect already (Lowe's just-in-time linearization). An operation takes
 * effect only when the answer of another one needs it. One whose answer never came may take effect at any later time,
 * or never; it is only tried right before an operation that can see it, for otherwise nobody could tell.
 */

export type Operation = {
  readonly key: string;
  readonly action:
    | { readonly kind: 'set'; readonly value: string }
    /** `wasThere` null: nobody was told. */
    | { readonly kind: 'remove'; readonly wasThere: boolean | null }
    | { readonly kind: 'read'; readonly value: string | null };
  /** Places in the order of all questions and answers; null when no answer came. */
  readonly asked: number;
  readonly answered: number | null;
};

type Value = string | null;
/** Which of the operations under way have taken effect, a bit each, and the value then. */
type State = { readonly value: Value; readonly done: number };

/** Operations that can be under way on one key, those without an answer included: bits of a number. */
const MOST_UNDER_WAY = 30;

/** The value after an operation; undefined when it cannot have had its outcome on this value. */
function effect({ action }: Operation, value: Value): Value | undefined {
  switch (action.kind) {
    case 'set':
      return action.value;
    case 'remove':
      return action.wasThere === null || action.wasThere === (value !== null) ? null : undefined;
    case 'read':
      return action.value === value ? value : undefined;
  }
}

const sees = ({ action }: Operation): boolean =>
  action.kind === 'read' || (action.kind === 'remove' && action.wasThere !== null);

const keyOf = ({ value, done }: State): string => `${done} ${value ?? '\0'}`;

class KeyHistory {
  /** The operation of each bit; null where none is under way. */
  readonly #underWay: (Operation | null)[] = [];
  #states = new Map<string, State>();

  constructor() {
    this.#add(this.#states, { value: null, done: 0 });
  }

  /** False when there are too many operations under way to go on. */
  ask(operation: Operation): boolean {
    const free = this.#underWay.indexOf(null);
    const bit = free < 0 ? this.#underWay.length : free;
    this.#underWay[bit] = operation;
    return bit < MOST_UNDER_WAY;
  }

  /** False when the operation cannot have taken effect in any state. */
  answer(operation: Operation): boolean {
    const bit = this.#underWay.indexOf(operation);
    const next = new Map<string, State>();
    const tried = new Set<string>();
    for (const state of this.#states.values()) {
      if ((state.done & (1 << bit)) !== 0) this.#add(next, { ...state, done: state.done & ~(1 << bit) });
      else this.#takeEffect(operation, bit, state, next, tried);
    }
    this.#states = next;
    this.#underWay[bit] = null;
    return next.size > 0;
  }

  /** Finds all states in which `operation` has taken effect last, after any others under way. */
  #takeEffect(
    operation: Operation,
    bit: number,
    from: State,
    found: Map<string, State>,
    tried: Set<string>,
  ): void {
    const stack: State[] = [from];
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      const key = keyOf(state);
      if (tried.has(key)) continue;
      tried.add(key);
      const value = effect(operation, state.value);
      if (value !== undefined) this.#add(found, { value, done: state.done });
      for (const [other, candidate] of this.#underWay.entries()) {
        if (candidate === null || other === bit || (state.done & (1 << other)) !== 0) continue;
        if (candidate.answered === null) this.#reveal(candidate, other, bit, state, found, stack);
        else this.#push(candidate, other, state, stack);
      }
    }
  }

  /** An operation without an answer takes effect, and right after it one that sees it. */
  #reveal(
    candidate: Operation,
    position: number,
    bit: number,
    state: State,
    found: Map<string, State>,
    stack: State[],
  ): void {
    const value = effect(candidate, state.value);
    if (value === undefined) return;
    const revealed = { value, done: state.done | (1 << position) };
    for (const [seer, operation] of this.#underWay.entries()) {
      if (operation === null || !sees(operation) || (revealed.done & (1 << seer)) !== 0) continue;
      const seen = effect(operation, value);
      if (seen === undefined) continue;
      if (seer === bit) this.#add(found, { value: seen, done: revealed.done });
      else stack.push({ value: seen, done: revealed.done | (1 << seer) });
    }
  }

  #push(candidate: Operation, position: number, state: State, stack: State[]): void {
    const value = effect(candidate, state.value);
    if (value !== undefined) stack.push({ value, done: state.done | (1 << position) });
  }

  #add(states: Map<string, State>, state: State): void {
    states.set(keyOf(state), state);
  }
}

/** Null when the history is linearizable; otherwise the first operation whose answer cannot be explained. */
function firstUnexplained(operations: readonly Operation[]): Operation | null {
  const moments = operations
    // A read without an answer tells nothing and changes nothing.
    .filter(({ action, answered }) => action.kind !== 'read' || answered !== null)
    .flatMap((operation) => [
      { at: operation.asked, operation, isAnswer: false },
      ...(operation.answered === null ? [] : [{ at: operation.answered, operation, isAnswer: true }]),
    ])
    .sort((one, other) => one.at - other.at);
  const history = new KeyHistory();
  for (const { operation, isAnswer } of moments) {
    if (!isAnswer) {
      if (!history.ask(operation)) throw new Error(`too many operations are under way on ${operation.key}`);
    } else if (!history.answer(operation)) return operation;
  }
  return null;
}

/** The first operation of each key that cannot be explained; empty when the history is linearizable. */
export function unexplained(operations: readonly Operation[]): readonly Operation[] {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const others = byKey.get(operation.key);
    if (others === undefined) byKey.set(operation.key, [operation]);
    else others.push(operation);
  }
  return [...byKey.values()].flatMap((part) => firstUnexplained(part) ?? []);
}
