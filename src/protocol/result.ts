/** An expected outcome as a value: parsers in protocol/ return it and never throw. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

/** It went well. */
export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value }
}

/** It didn't, as may be expected. */
export function err<E>(error: E): Result<never, E> {
  return { ok: false, error }
}
