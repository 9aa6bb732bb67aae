/** A signal for `fetch` that gives up after so many milliseconds; Safari before 16 has no `AbortSignal.timeout`. */
export function giveUpAfter(patienceMs: number): AbortSignal {
  const controller = new AbortController()
  window.setTimeout(() => controller.abort(), patienceMs)
  return controller.signal
}
