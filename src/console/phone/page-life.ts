import type { StreamClient } from '../stream/stream-client.ts'

/**
 * Tells the client what happens to the page: hidden, seen again, network gone or back; and connects it. The answer ends the
 * telling.
 */
export function followPage(client: StreamClient): () => void {
  const end = new AbortController()
  const { signal } = end
  document.addEventListener(
    'visibilitychange',
    () => client.visible(document.visibilityState === 'visible'),
    { signal },
  )
  // A page that comes back from the browser's back/forward cache has lost its socket.
  window.addEventListener('pageshow', ({ persisted }) => persisted && client.visible(true), { signal })
  window.addEventListener('online', () => client.network(true), { signal })
  window.addEventListener('offline', () => client.network(false), { signal })
  client.connect()
  if (document.visibilityState === 'hidden') client.visible(false)
  return () => end.abort()
}

/** What a finger on a button must not do: zoom, menu, drag. */
export function calmTouch(): void {
  for (const type of ['contextmenu', 'dblclick', 'dragstart', 'gesturestart']) {
    document.addEventListener(type, (event) => event.preventDefault(), { passive: false })
  }
}
