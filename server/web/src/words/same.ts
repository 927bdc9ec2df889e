/** The same keys with other words: what a translation of `T` has to hold. */
export type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
