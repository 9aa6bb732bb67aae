/**
 * Keeps the screen awake from now on, as far as the browser lets it. The lock is lost whenever the page is hidden, so it is
 * asked for again when the page is seen again. Where it is refused (low battery, plain HTTP), the phone's own setting rules.
 */
export function keepAwake(): void {
  // Absent on plain HTTP and in older browsers, whatever the types say.
  const lock = (navigator as { readonly wakeLock?: WakeLock }).wakeLock
  if (lock === undefined) return
  const ask = (): void => {
    // eslint-disable-next-line pages/oldest-browsers -- asked for
    if (document.visibilityState === 'visible') lock.request('screen').catch(() => undefined)
  }
  document.addEventListener('visibilitychange', ask)
  ask()
}
