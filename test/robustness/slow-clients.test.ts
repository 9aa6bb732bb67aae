import { describe, expect, it, onTestFinished } from 'vitest'
import type { RawWebSocket } from '../support/raw-websocket.ts'
import { Hall, heardBy } from './hall.ts'
import { eventually } from '../support/eventually.ts'

const padding = 'x'.repeat(7_900)

/** Reads one kilobyte a second, from now on. */
function readSlowly(client: RawWebSocket): void {
  client.freeze()
  const timer = setInterval(() => client.readOnce(), 1_000)
  onTestFinished(() => clearInterval(timer))
}

const weak: readonly (readonly [string, (client: RawWebSocket) => void])[] = [
  ['never reads', (client) => client.freeze()],
  ['reads 1 KB a second', readSlowly],
]

describe('a client that does not keep up', () => {
  it.each(weak)(
    'and %s is ended as too slow under load, while a well client gets everything in order',
    async (_, weaken) => {
      const hall = await Hall.open()
      const well = await hall.wellClient()
      weaken(await hall.rawSubscriber({}, { readBytes: 1_024 }))
      let sent = 0
      while (hall.endings.length === 0 && sent < 4_000) {
        // The well client sets the pace, so that it is never behind itself.
        for (let burst = 0; burst < 8; burst += 1) {
          void hall.broker.publish('owlcms/fop/load', `${sent} ${padding}`)
          sent += 1
        }
        await eventually(() => expect(well.heard).toHaveLength(sent), { interval: 1 })
      }
      const afterwards = 'owlcms/fop/load after it was ended'
      await hall.broker.publish('owlcms/fop/load', 'after it was ended')
      await eventually(() => expect(well.heard.at(-1)).toBe(afterwards))
      expect(hall.endings).toEqual([{ closeCode: 4408, reason: 'slowConsumer' }])
      expect(well.heard).toEqual([
        ...Array.from({ length: sent }, (_none, number) => `owlcms/fop/load ${number} ${padding}`),
        afterwards,
      ])
      expect(await hall.counters()).toMatchObject({
        clients: 1,
        sessions: 1,
        subscriptions: 1,
        slowClients: 1,
      })
    },
  )

  it('and reads 1 KB a second is kept under light traffic, and gets everything in order', async () => {
    const hall = await Hall.open()
    const well = await hall.wellClient()
    const slow = await hall.rawSubscriber({}, { readBytes: 1_024 })
    readSlowly(slow)
    // Some 3 KB: three seconds of reading.
    const messages = Array.from({ length: 50 }, (_, number) => `message ${String(number).padStart(40, '0')}`)
    for (const message of messages) await hall.broker.publish('owlcms/fop/light', message)
    const expected = messages.map((message) => `owlcms/fop/light ${message}`)
    await eventually(() => expect(well.heard).toEqual(expected))
    expect(heardBy(slow).length).toBeLessThan(messages.length)
    await eventually(() => expect(heardBy(slow)).toEqual(expected))
    expect(hall.endings).toEqual([])
  })

  it('and is half open is ended by its keep alive, its will is told and its place is free again', async () => {
    const hall = await Hall.open()
    const well = await hall.wellClient()
    const halfOpen = await hall.rawSubscriber({
      keepalive: 1,
      will: { topic: 'owlcms/box/left', payload: Buffer.from('gone'), qos: 0, retain: false },
    })
    halfOpen.freeze()
    await hall.broker.until(({ publications }) => publications.some(({ payload }) => payload === 'gone'))
    // It doesn't answer Close either, so the socket is destroyed.
    await eventually(async () =>
      expect(await hall.counters()).toMatchObject({ clients: 1, sessions: 1, keepAliveTimeouts: 1 }),
    )
    expect(hall.endings).toEqual([{ closeCode: 4442, reason: 'silent' }])
    await hall.broker.publish('owlcms/fop/still', 'there')
    await eventually(() => expect(well.heard).toEqual(['owlcms/fop/still there']))
  })
})
