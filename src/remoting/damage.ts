/** What is wrong with bytes or texts of others, as a value: the door closes the connection or refuses the request. */
export type Damage = {
  /** What should have been there, such as `a header of at most 65536 bytes`. */
  readonly expected: string;
  readonly found: string;
};

export type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'damaged'; readonly damage: Damage };

/** Longest piece of what was found that is repeated: it goes into remarks and logs. */
const MOST_CHARACTERS = 120;

export const read = <Value>(value: Value): Read<Value> => ({ kind: 'read', value });

export const damaged = (expected: string, found: string): Read<never> => ({
  kind: 'damaged',
  damage: { expected, found: found.slice(0, MOST_CHARACTERS) },
});

/** One line for remarks and logs. */
export const damageText = ({ expected, found }: Damage): string => `expected ${expected}, found ${found}`;
