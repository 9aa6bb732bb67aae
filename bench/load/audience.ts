import { connect, type Socket } from 'node:net'
import { upgradeRequest } from '../../test/support/raw-websocket.ts'
import type { Attackers } from './attacks.ts'
import { clientFrame } from './packets.ts'

/** How somebody reads who looks on. */
type Reader = 'quick' | 'slow' | 'frozen'

/** A text frame: as {@link clientFrame}, but for its opcode. */
function start(): Buffer {
  const frame = clientFrame(Buffer.from('{"type":"start","schema":1}'))
  frame[0] = 0x81
  return frame
}
const hello = start()
const slowEveryMs = 2_000
/** Screens come back within so many milliseconds after they were cut. */
const backWithinMs = 2_000

/**
 * So many viewers, of which a tenth read slowly and a tenth not at all; every so often all of them are cut at once and come back.
 */
export function audience(port: number, count: number, stormEveryMs: number): Attackers {
  const sockets = new Set<Socket>()
  let connections = 0
  let stopped = false
  const open = (reader: Reader): void => {
    if (stopped) return
    connections += 1
    const socket = connect(port, '127.0.0.1', () => socket.write(upgradeRequest('/ws', '')))
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      sockets.delete(socket)
      setTimeout(() => open(reader), Math.random() * backWithinMs)
    })
    socket.once('data', () => {
      socket.write(hello)
      if (reader !== 'frozen') socket.resume()
      else socket.pause()
    })
    if (reader === 'slow') socket.on('data', () => socket.pause())
  }
  for (let at = 0; at < count; at += 1) open(at % 10 === 0 ? 'slow' : at % 10 === 1 ? 'frozen' : 'quick')
  const slow = setInterval(() => {
    for (const socket of sockets) if (socket.listenerCount('data') > 0) socket.resume()
  }, slowEveryMs)
  const storm = setInterval(() => {
    for (const socket of sockets) socket.resetAndDestroy()
  }, stormEveryMs)
  return {
    get connections() {
      return connections
    },
    stop: () => {
      stopped = true
      clearInterval(slow)
      clearInterval(storm)
      for (const socket of sockets) socket.destroy()
      return Promise.resolve()
    },
  }
}
