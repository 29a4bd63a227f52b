// Lets the compiler compare a schema with the type that it decodes to.

type Leaf = string | number | boolean | undefined | null;

/** The type with every optional field spelled out, so that one that is missing shows. */
export type Exact<T> = T extends Leaf
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Exact<Item>[]
    : { readonly [Key in keyof T]-?: Exact<T[Key]> | Extract<T[Key], undefined> };

/** Compiles only where every `A` is a `B`; does nothing. */
export const sameType = <A extends B, B>(): void => void (0 as unknown as A);
