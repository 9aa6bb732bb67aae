// Follows one platform over /ws, and presses: written from PROTOCOL.md alone. Node 20 has no WebSocket of its own: ws serves.
// node examples/stream-client.mjs wss://bridge.example.org/ws A [token]; with a referee's token type good or bad, and Enter
import { createInterface } from 'node:readline'

const [address = 'ws://localhost:8080/ws', platform = 'A', token] = process.argv.slice(2)
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket
const client = crypto.randomUUID() // the same over reconnects: ids of commands count within it
const open = new Map() // id → command that has no error and no receipt yet
let socket, epoch, place, seat, state, pingedAt, best // best: the quickest ping, and how far the bridge's clock is ahead at most

const send = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message))
const hear = {
  hello(hello) {
    if (hello.schema.min > 1) throw new Error('this bridge no longer speaks version 1')
    if (epoch !== hello.epoch) place = undefined
    epoch = hello.epoch
    send({ type: 'start', schema: 1, token, client, platforms: [platform], since: place })
  },
  started({ audience, as }) {
    seat = as
    if (place?.audience !== audience) place = { epoch, audience, seq: {} }
    for (const command of open.values()) send(command) // the bridge passes none on twice
    pingedAt = Date.now()
    send({ type: 'ping' })
  },
  pong({ at }) {
    const tookMs = Date.now() - pingedAt
    if (!best || tookMs <= best.tookMs) best = { tookMs, aheadMs: at - pingedAt }
  },
  snapshot: (message) => ((state = message.state), (place.seq[platform] = message.seq)), // counts instead of all before it
  event({ seq, changed }) {
    state = { ...state, ...changed } // null: absent
    place.seq[platform] = seq
  },
  change: (message) => hear.event(message), // by a message that we may not hear
  ack: ({ id, outcome }) => outcome === 'drill' && open.delete(id),
  receipt: ({ id }) => open.delete(id),
  error: ({ id }) => open.delete(id),
}

function connect() {
  socket = new WebSocket(address)
  socket.onerror = () => undefined // onclose follows
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    hear[message.type]?.(message) // what we don't know is ignored
    console.log(
      message.type,
      message.message?.kind ?? message.outcome ?? message.reason ?? '',
      state ? JSON.stringify(state) : '',
    )
  }
  socket.onclose = ({ code, reason }) => {
    console.log('closed', code, reason)
    const told = /retry in ([\d.]+) s$/.exec(reason)?.[1]
    const isFinal = [1002, 1003, 1007, 1009, 4400, 4401, 4403, 4406, 4409, 4410, 4423].includes(code)
    if (!isFinal) setTimeout(connect, told ? told * 1000 : 500 + Math.random() * 2000)
  }
}

createInterface({ input: process.stdin }).on('line', (value) => {
  if (socket.readyState !== 1 || !state)
    return console.log('NOT sent: no connection. Nothing is kept for later.')
  const command = { kind: 'refereeDecision', referee: seat.number, value }
  const message = { type: 'press', id: crypto.randomUUID(), platform, command, fence: state.fence }
  if (best) message.at = Date.now() + best.aheadMs // so that it never looks older than it is
  open.set(message.id, message)
  send(message)
})
connect()
