/** Without what is undefined. */
export type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** Properties that may be missing, to be spread into a literal: those that are undefined are left out. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}
