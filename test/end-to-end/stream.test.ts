import { once } from 'node:events'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { startTestHall, type TestBridge } from '../support/running-bridge.ts'
import { eventually } from '../support/eventually.ts'

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

const hall = (settings: Record<string, string> = {}) => startTestHall(certificates, settings)

interface Message {
  readonly type: string
  readonly [key: string]: unknown
}

function listen(bridge: TestBridge): { readonly socket: WebSocket; readonly heard: Message[] } {
  const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}/ws`)
  const heard: Message[] = []
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message
    heard.push(message)
    if (message.type === 'hello') socket.send(JSON.stringify({ type: 'start', schema: 1 }))
  })
  onTestFinished(() => socket.terminate())
  return { socket, heard }
}

it('tells a viewer in /ws what the hall sees, and no single decision before it is shown', async () => {
  const { broker, bridge } = await hall()
  await broker.publish('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"69.0.0"}')
  const { heard } = listen(bridge)
  await eventually(() => expect(heard.map(({ type }) => type)).toContain('snapshot'))
  await broker.publish('owlcms/fop/start/A', '{"athleteName":"DOE, Jane","attemptNumber":1} 60000')
  await broker.publish('owlcms/fop/decision/A', '1 good')
  await broker.publish('owlcms/fop/refereesDecision/A', 'good')
  const topics = (): unknown[] => heard.filter(({ type }) => type === 'event').map(({ topic }) => topic)
  await eventually(() => expect(topics()).toContain('owlcms/fop/refereesDecision/A'))
  expect(topics().filter((topic) => topic !== 'owlcms/fop/config')).toEqual([
    'owlcms/fop/start/A',
    'owlcms/fop/refereesDecision/A',
  ])
  expect(JSON.stringify(heard[0])).toContain('"hello"')
})

it('lets nobody in without a token when viewers need one', async () => {
  const { bridge } = await hall({ BRIDGE_VIEWERS: 'token' })
  const { socket } = listen(bridge)
  const [code] = (await once(socket, 'close')) as [number]
  expect(code).toBe(4401)
})

it('gives overlays the same as server-sent events', async () => {
  const { broker, bridge } = await hall()
  await broker.publish('owlcms/fop/config', '{"platforms":["A"],"version":"69.0.0"}')
  const response = await fetch(`${bridge.url}/events?platform=A`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  onTestFinished(() => reader.cancel())
  let text = ''
  const readUntil = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      const chunk = await reader.read()
      if (chunk.done) throw new Error(`ended: ${text}`)
      text += new TextDecoder().decode(chunk.value)
    }
  }
  await readUntil('snapshot')
  await broker.publish('owlcms/fop/decision/A', '1 good')
  await broker.publish('owlcms/fop/down/A', '')
  await readUntil('owlcms/fop/down/A')
  expect(text).not.toContain('owlcms/fop/decision')
})

it('says 1012 to its listeners when it stops', async () => {
  const { bridge } = await hall()
  const { socket, heard } = listen(bridge)
  await eventually(() => expect(heard.map(({ type }) => type)).toContain('started'))
  const closed = once(socket, 'close') as Promise<[number]>
  await bridge.stop()
  expect((await closed)[0]).toBe(1012)
})
