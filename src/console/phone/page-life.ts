import type { StreamClient } from '../stream/stream-client.ts'

/** Tells the client what happens to the page: hidden, seen again, network gone or back; then connects. */
export function followPage(client: StreamClient): void {
  document.addEventListener('visibilitychange', () => client.visible(document.visibilityState === 'visible'))
  // A page that comes back from the browser's back/forward cache has lost its socket.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) client.visible(true)
  })
  window.addEventListener('online', () => client.network(true))
  window.addEventListener('offline', () => client.network(false))
  client.connect()
  if (document.visibilityState === 'hidden') client.visible(false)
}

/** What a finger on a button must not do: zoom, menu, drag. */
export function calmTouch(): void {
  for (const type of ['contextmenu', 'dblclick', 'dragstart', 'gesturestart']) {
    document.addEventListener(type, (event) => event.preventDefault(), { passive: false })
  }
}
