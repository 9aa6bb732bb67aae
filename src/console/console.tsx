import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { Api } from './organiser/api.ts'
import { ConsoleApp } from './organiser/app.tsx'
import type { LiveSocket, LiveSocketEvents, Timers } from './organiser/live.ts'
import { ConsoleModel } from './organiser/model.ts'

/** The organiser's console: draws itself into the shell that the bridge served (src/http/console-page.tsx). */

const timers: Timers = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = window.setTimeout(callback, delayMs)
    return () => window.clearTimeout(timer)
  },
}

function openSocket(events: LiveSocketEvents): LiveSocket {
  const address = new URL('/ws', window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') events.text(data)
  }
  socket.onclose = ({ code, reason }) => events.closed(code, reason)
  return { send: (text) => socket.send(text), close: () => socket.close() }
}

const root = document.getElementById('console')
if (root !== null) {
  const model = new ConsoleModel({
    api: new Api(window.fetch.bind(window)),
    openSocket,
    timers,
    random: Math.random,
  })
  render(<ConsoleApp model={model} version={document.documentElement.dataset['version'] ?? ''} />, root)
  void model.begin()
}
