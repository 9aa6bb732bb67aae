/** Known at once, or later. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on at once where the value is known, and later where it is not. The promise must never reject. */
export function whenKnown<T>(value: MaybePromise<T>, use: (value: T) => void): void {
  if (value instanceof Promise) void value.then(use)
  else use(value)
}
