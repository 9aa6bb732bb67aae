/** Known at once, or later. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on at once where the value is known, and later where it is not. The promise must never reject. */
export function whenKnown<T, U>(value: MaybePromise<T>, use: (value: T) => U): MaybePromise<U> {
  return value instanceof Promise ? value.then(use) : use(value)
}
