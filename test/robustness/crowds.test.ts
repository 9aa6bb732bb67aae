import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { clientFrame } from '../support/raw-websocket.ts'
import { bytes, connectBytes, Hall, heardBy, packetsOf } from './hall.ts'
import { eventually } from '../support/eventually.ts'

const numbers = (length: number): number[] => Array.from({ length }, (_, number) => number)

/** Sends CONNECT; resolves with return code and close code, whichever come. */
async function knock(hall: Hall, connect: Parameters<typeof connectBytes>[0]): Promise<string> {
  const client = await hall.raw()
  client.send(connectBytes(connect))
  await client.until(({ frames, gone }) => frames.length > 0 || gone)
  const answer = packetsOf(client)[0]
  const returnCode = answer?.cmd === 'connack' ? answer.returnCode : undefined
  if (returnCode !== 0) await client.until(({ closeCode, gone }) => closeCode !== undefined || gone)
  client.socket.destroy()
  return `${returnCode ?? 'none'} ${client.closeCode ?? 'open'}`
}

function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

describe('many clients from one address', () => {
  it('all 200 of a hall get in when they join at once, hear the next message, and leave nothing behind', async () => {
    const hall = await Hall.open()
    const clients = await Promise.all(
      numbers(200).map((number) => hall.rawSubscriber({ clientId: `joiner-${number}` })),
    )
    expect(await hall.counters()).toMatchObject({
      clients: 200,
      sessions: 200,
      subscriptions: 200,
      tooManyClients: 0,
    })
    await hall.broker.publish('owlcms/fop/start', 'now')
    await Promise.all(
      clients.map((client) => client.until(() => client.gone || heardBy(client).length === 1)),
    )
    expect(clients.map((client) => heardBy(client))).toEqual(clients.map(() => ['owlcms/fop/start now']))
    for (const client of clients) client.socket.destroy()
    await eventually(async () =>
      expect(await hall.counters()).toMatchObject({ clients: 0, sessions: 0, subscriptions: 0 }),
    )
  })

  it('beyond their number are told that it is full, and fit again once others have left', async () => {
    const hall = await Hall.open({ maxClientsPerAddress: 3 })
    const first = await Promise.all(
      numbers(3).map((number) => hall.rawSubscriber({ clientId: `early-${number}` })),
    )
    const late = await hall.raw()
    await late.until(({ closeCode, gone }) => closeCode !== undefined || gone)
    expect([late.closeCode, late.closeReason]).toEqual([1013, 'too many clients'])
    late.socket.destroy()
    first[0]?.socket.destroy()
    await eventually(async () => expect(await hall.counters()).toMatchObject({ clients: 2 }))
    expect(await knock(hall, { clientId: 'latecomer' })).toBe('0 open')
  })

  it('and with wrong passwords are soon refused unread, while one that is in hears on', async () => {
    const hall = await Hall.open({ loginFailureBurst: 5, loginFailuresPerSecond: 1 })
    const well = await hall.wellClient()
    const guesses = numbers(60).map((number) =>
      knock(hall, { clientId: `guess-${number}`, password: Buffer.from(`guess ${number}`) }),
    )
    const answers = tally(await Promise.all(guesses))
    // 5, and one more for each second that this takes.
    expect(Object.keys(answers).toSorted()).toEqual(['3 1013', '4 4401'])
    expect(answers['4 4401']).toBeGreaterThanOrEqual(5)
    expect(answers['4 4401']).toBeLessThan(30)
    await hall.broker.publish('owlcms/fop/still', 'there')
    await eventually(() => expect(well.heard).toEqual(['owlcms/fop/still there']))
    expect(await hall.counters()).toMatchObject({ loginsBlocked: answers['3 1013']! })
  })

  it('and a flood of 400 CONNECTs, half of them of one client ID, each get an answer and leave no session', async () => {
    const hall = await Hall.open({ maxClientsPerAddress: 1_000 })
    const well = await hall.wellClient()
    const answers = await Promise.all(
      numbers(400).map((number) => knock(hall, { clientId: number % 2 === 0 ? 'same' : `other-${number}` })),
    )
    expect(answers.every((answer) => answer.startsWith('0 '))).toBe(true)
    await eventually(async () =>
      expect(await hall.counters()).toMatchObject({ clients: 1, sessions: 1, subscriptions: 1 }),
    )
    await hall.broker.publish('owlcms/fop/still', 'there')
    await eventually(() => expect(well.heard).toEqual(['owlcms/fop/still there']))
  })

  it(
    'and one that floods refused presses without reading the answers is ended as too slow',
    { timeout: 60_000 },
    async () => {
      const hall = await Hall.open({ outboxBytes: 16_384, messageBurst: 1_000_000 })
      const client = await hall.rawSubscriber({ keepalive: 0, protocolVersion: 5 })
      client.freeze()
      const press: Packet = {
        cmd: 'publish',
        topic: 'owlcms/fop/x',
        payload: '',
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
      }
      const presses = clientFrame(Buffer.concat(numbers(1_000).map(() => bytes(press, 5))))
      while (!client.gone) {
        client.sendBytes(presses)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(hall.endings).toEqual([{ closeCode: 4408, reason: 'slowConsumer' }])
      expect(await hall.counters()).toMatchObject({ clients: 0, sessions: 0, subscriptions: 0 })
    },
  )
})
