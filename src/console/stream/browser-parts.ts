import type { DeviceClock, OpenLine } from './parts.ts'

/**
 * The device's clock. Not `performance.now()`, which stands still while a phone sleeps: the line would look fresh on waking. It
 * may jump when the phone corrects its time; a jump forward looks like sleep, which only makes us ask the line again.
 */
export const browserClock: DeviceClock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = window.setTimeout(callback, delayMs)
    return () => window.clearTimeout(timer)
  },
}

/** Opens `/ws` of the page's own bridge. */
export const openBrowserLine: OpenLine = (events) => {
  const { protocol, host } = window.location
  const socket = new WebSocket(`${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws`)
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') events.text(data)
  }
  socket.onclose = ({ code, reason }) => events.closed(code, reason)
  return {
    send: (text) => socket.send(text),
    close() {
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    },
  }
}

/** Storage that a browser may forbid (private mode); then nothing is kept. */
export function remember(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value)
  } catch {
    // Works all the same until the page is closed.
  }
}

/** What {@link remember} kept, if it could. */
export function recall(key: string): string | undefined {
  try {
    return window.localStorage.getItem(key) ?? undefined
  } catch {
    return undefined // Forbidden is the same as empty.
  }
}

/** Random letters and digits; `crypto.randomUUID` is missing on plain HTTP in a hall. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** This browser's name, the same over reloads: command ids count within it. */
export function clientName(): string {
  const key = 'bridge-client'
  const known = recall(key)
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known
  const fresh = randomName()
  remember(key, fresh)
  return fresh
}
