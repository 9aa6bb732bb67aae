// Follows one platform over /ws, written from docs/stream.md alone. Node 20 has no WebSocket of its own: ws serves.
// node examples/stream-client.mjs wss://bridge.example.org/ws A [token]
const [address = 'ws://127.0.0.1:8080/ws', platform = 'A', token] = process.argv.slice(2)
const client = crypto.randomUUID() // the same over reconnects, so that command ids keep counting
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket
let place // {epoch, audience, seq}: how far we have come
let state // what the platform shows now
let socket

function connect() {
  socket = new WebSocket(address)
  let hello
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    switch (message.type) {
      case 'hello':
        hello = message
        if (message.schema.min > 1) throw new Error('this bridge no longer speaks version 1')
        send({ type: 'start', schema: 1, token, client, platforms: [platform], since: place })
        break
      case 'started':
        if (place?.epoch !== hello.epoch || place.audience !== message.audience) place = undefined
        place ??= { epoch: hello.epoch, audience: message.audience, seq: {} }
        break
      case 'snapshot': // the whole truth; reason `gap` or `conflated`: we missed some events
        state = message.state
        place.seq[platform] = message.seq
        show(`snapshot (${message.reason})`)
        break
      case 'event': // something was said; `change`: something changed that we may see but not hear
      case 'change':
        for (const [part, value] of Object.entries(message.changed ?? {})) {
          if (value === null) Reflect.deleteProperty(state, part)
          else state[part] = value
        }
        place.seq[platform] = message.seq
        show(message.message?.kind ?? 'change')
        break
      case 'ack': // the broker has it; `error` has the reason why it was not passed on
      case 'error':
        console.log(message.type, message.id ?? '', message.reason ?? message.outcome, message.text ?? '')
    }
  }
  socket.onclose = ({ code, reason }) => {
    console.log('closed', code, reason)
    const mayRetry = ![1002, 1003, 1007, 1009, 4400, 4401, 4403, 4406].includes(code)
    if (mayRetry) setTimeout(connect, 500 + Math.random() * 2000)
  }
}

const send = (message) => socket.send(JSON.stringify(message))
const show = (why) => console.log(why, JSON.stringify(state))

/** A press carries the fence we saw, so that it can never hit the next athlete. */
export function press(command) {
  send({ type: 'press', id: crypto.randomUUID(), platform, command, fence: state.fence })
}

connect()
