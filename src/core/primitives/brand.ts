/** Nominal typing for values that share a representation: a ReplicaId must never be passed for a GroupName. */
declare const brand: unique symbol;

export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
