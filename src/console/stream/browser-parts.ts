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
const openBrowserLine: OpenLine = (events) => {
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

/** Of the whole browser, or of this page and its reloads. */
type Kept = 'localStorage' | 'sessionStorage'

/** Storage that a browser may forbid (private mode); then nothing is kept. */
export function remember(key: string, value: string, where: Kept = 'localStorage'): void {
  try {
    window[where].setItem(key, value)
  } catch {
    // Works all the same until the page is closed.
  }
}

/** What {@link remember} kept, if it could. */
export function recall(key: string, where: Kept = 'localStorage'): string | undefined {
  try {
    return window[where].getItem(key) ?? undefined
  } catch {
    return undefined // Forbidden is the same as empty.
  }
}

/** Random letters and digits; `crypto.randomUUID` is missing on plain HTTP in a hall. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * This browser's name, the same over reloads: command ids count within it. Pages that a new browser opens at the same
 * moment each make one up; each then keeps its own, or its reload would be another device on its seat.
 */
export function clientName(): string {
  const key = 'bridge-client'
  const isName = (known = ''): boolean => /^[0-9a-f]{32}$/.test(known)
  const known = [recall(key, 'sessionStorage'), recall(key)].find(isName)
  const name = known ?? randomName()
  if (known === undefined) remember(key, name)
  remember(key, name, 'sessionStorage')
  return name
}

/** What a stream client needs of the device that it runs on. */
export const thisBrowser = {
  openLine: openBrowserLine,
  clock: browserClock,
  random: Math.random,
  newId: randomName,
}
