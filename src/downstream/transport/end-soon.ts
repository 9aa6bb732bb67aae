import type { Duplex } from 'node:stream'
import type { Clock } from '../../support/clock.ts'

/**
 * Ends our side of a socket after `lastWords` and throws away what still comes. A peer that keeps its own side open, or
 * doesn't read, is destroyed after `withinMs`: it could hold sockets until none is left for anybody.
 */
export function endSoon(socket: Duplex, lastWords: string, clock: Clock, withinMs: number): void {
  socket.end(lastWords)
  // Unread bytes would turn the end into a reset, which takes the last words with it.
  socket.resume()
  destroySoon(socket, clock, withinMs)
}

/** Destroys a socket that is still there after `withinMs`. */
export function destroySoon(socket: Duplex, clock: Clock, withinMs: number): void {
  if (socket.destroyed) return
  const cancel = clock.setTimer(withinMs, () => socket.destroy())
  socket.once('close', cancel)
}
