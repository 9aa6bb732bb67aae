import { describe, expect, it } from 'vitest'
import { FakeClock } from '../support/fake-clock.ts'
import { connack, friendly, startScripted } from '../support/scripted-broker.ts'
import { startLink } from './start-link.ts'

describe('a broker that refuses one publication with 0x87', () => {
  it.each([
    ['a DISCONNECT', [{ cmd: 'disconnect', reasonCode: 0x87 } as const, 'hangUp' as const]],
    ['no more word', ['hangUp' as const]],
  ])('and hangs up with %s gets no second one for a long time', async (_how, goodbye) => {
    const { port, packets } = await startScripted(
      friendly((packet) =>
        packet.cmd === 'publish'
          ? [{ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 }, ...goodbye]
          : [],
      ),
    )
    const link = startLink({ transport: 'tcp', port })
    await link.untilStatus('connected')
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'refused', reasonCode: 0x87 })
    const { fault, since, nextTryAt } = await link.untilStatus('waiting')
    expect({ code: fault.code, reasonCode: fault.reasonCode }).toEqual({
      code: 'publishRefused',
      reasonCode: 0x87,
    })
    expect(nextTryAt - since).toBeGreaterThan(50_000)
    expect(packets).toEqual(['connect 5', 'connect 5', 'subscribe', 'publish'])
  })
})

describe('a broker that says why it hangs up', () => {
  it.each([
    [0x8e, 'takenOver'],
    [0x8b, 'closedByBroker'],
    [0x89, 'serverBusy'],
  ] as const)('with DISCONNECT %i is understood as %s', async (reasonCode, code) => {
    const { port } = await startScripted(
      friendly(({ cmd }) => (cmd === 'publish' ? [{ cmd: 'disconnect', reasonCode }, 'hangUp'] : [])),
    )
    const link = startLink({ transport: 'tcp', port })
    await link.untilStatus('connected')
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'lost' })
    const { fault } = await link.untilStatus('waiting')
    expect({ code: fault.code, reasonCode: fault.reasonCode }).toEqual({ code, reasonCode })
  })
})

it('a link whose process stood still is lost with what hung in it, and made afresh', async () => {
  const { port, packets } = await startScripted(friendly(() => []))
  const link = startLink({ transport: 'tcp', port })
  await link.untilStatus('connected')
  const pressed = link.publish('owlcms/clock/A', 'start')
  link.upstream.stoodStill(6_000)
  expect([await pressed, link.upstream.ready]).toEqual([{ kind: 'lost' }, false])
  expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'offline' })
  const { fault } = await link.untilStatus('waiting')
  expect(fault.code).toBe('halfOpen')
  await link.untilStatus('connected', link.statuses.length)
  expect(packets.filter((packet) => packet === 'subscribe')).toHaveLength(2)
})

describe('which MQTT version the link speaks', () => {
  it.each([
    ['answers code 1', [connack(1)]],
    ['answers 0x84', [connack(0x84)]],
    ['hangs up without a word', ['hangUp' as const]],
  ])('is 3.1.1 at once when the broker %s', async (_how, refusal) => {
    const { port, packets } = await startScripted(
      friendly((packet, version) => (packet.cmd === 'connect' && version === 5 ? refusal : [])),
    )
    const link = startLink({ transport: 'tcp', port })
    const connected = await link.untilStatus('connected')
    expect(connected.protocolVersion).toBe(4)
    expect(packets).toEqual(['connect 5', 'connect 4', 'connect 4', 'subscribe'])
    expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected'])
  })

  it('is 5 again after a try in which the peer hung up on both', async () => {
    const { port, packets } = await startScripted(() => ['hangUp'])
    const link = startLink({ transport: 'tcp', port })
    const { fault } = await link.untilStatus('waiting')
    expect(fault).toEqual({ code: 'closedByBroker', raw: 'closed by the peer before the CONNACK' })
    await link.untilStatus('waiting', 2)
    expect(packets).toEqual(['connect 5', 'connect 4', 'connect 5', 'connect 4'])
  })
})

describe('a link that came up after many failures', () => {
  it('is looked for quickly again when it breaks soon after', async () => {
    let failuresLeft = 10
    const { port } = await startScripted(
      friendly(({ cmd }) => {
        if (cmd === 'publish') return ['hangUp']
        return cmd === 'connect' && failuresLeft-- > 0 ? [connack(0x88)] : []
      }),
    )
    const timings = { firstRetryMs: 5, retryFloorMs: 1, quickRetryCapMs: 5, quickRetries: 8, retryCapMs: 200 }
    const link = startLink({ transport: 'tcp', port }, { timings, random: () => 1 })
    await link.untilStatus('connected')
    const before = link.statuses.length
    void link.publish('owlcms/x', '')
    const { since, nextTryAt } = await link.untilStatus('waiting', before)
    expect(nextTryAt - since).toBe(5)
  })
})

describe('a login that is refused after a link that kept breaking', () => {
  it('is tried again soon: only refusals count for the long waits', async () => {
    let refusing = false
    const { port } = await startScripted(
      friendly(({ cmd }) => {
        if (cmd === 'publish') return ['hangUp']
        return cmd === 'connect' && refusing ? [connack(0x87)] : []
      }),
    )
    const timings = { firstRetryMs: 5, retryFloorMs: 1, quickRetryCapMs: 5, quickRefusals: 3 }
    const link = startLink({ transport: 'tcp', port }, { timings })
    for (let breaks = 1; breaks <= 5; breaks += 1) {
      await link.untilStatus('connected', link.statuses.length - 1)
      refusing = breaks === 5
      const before = link.statuses.length
      void link.publish('owlcms/x', '')
      await link.untilStatus('waiting', before)
    }
    const waits = async (): Promise<number> => {
      const { since, nextTryAt, fault } = await link.untilStatus('waiting', link.statuses.length)
      expect(fault.code).toBe('passwordWanted')
      return nextTryAt - since
    }
    const delays = [await waits(), await waits(), await waits(), await waits()]
    expect(Math.max(...delays.slice(0, 3))).toBeLessThanOrEqual(5)
    expect(delays[3]).toBeGreaterThanOrEqual(9)
  })
})

describe('limits that the broker announces', () => {
  it('are kept: no more publications under way than it takes, no QoS above its own', async () => {
    const limits = { receiveMaximum: 2, maximumQoS: 1 }
    const { port, packets } = await startScripted(
      friendly((packet) => (packet.cmd === 'connect' ? [connack(0, limits)] : [])),
    )
    const link = startLink({ transport: 'tcp', port })
    await link.untilStatus('connected')
    const underWay = [link.publish('owlcms/a', '', { qos: 2 }), link.publish('owlcms/b', '')]
    expect(await link.publish('owlcms/c', '')).toEqual({ kind: 'refused', reasonCode: 0x93 })
    expect(await link.publish('owlcms/d', '', { qos: 0 })).toEqual({ kind: 'delivered' })
    await link.upstream.stop()
    expect(await Promise.all(underWay)).toEqual([{ kind: 'lost' }, { kind: 'lost' }])
    expect(packets.filter((cmd) => cmd === 'publish' || cmd === 'pubrel')).toHaveLength(3)
  })
})

describe('time, by a clock that the test moves', () => {
  it('gives a peer that says nothing 10 s, then waits and doubles', async () => {
    const clock = new FakeClock()
    const { port, packets } = await startScripted(() => [])
    const timings = { connectTimeoutMs: 10_000, firstRetryMs: 500, retryFloorMs: 50, retryCapMs: 15_000 }
    const link = startLink({ transport: 'tcp', port }, { clock, timings, random: () => 0.5 })
    for (const [index, delayMs] of [250, 500, 750].entries()) {
      await expect.poll(() => packets.length).toBe(index + 1)
      clock.advance(9_999)
      expect(link.upstream.status().kind).toBe('connecting')
      clock.advance(1)
      const since = clock.now()
      expect(link.upstream.status()).toEqual({
        ...{ kind: 'waiting', since, attempt: index + 1, nextTryAt: since + delayMs },
        fault: { code: 'timeout', raw: 'no CONNACK within 10 s' },
      })
      clock.advance(delayMs)
      expect(link.upstream.status()).toMatchObject({ kind: 'connecting', attempt: index + 2 })
    }
  })

  it('gives each step 1.5 s after a link that worked, so that a black hole does not hold up the next try', async () => {
    const clock = new FakeClock()
    let mute = false
    const { port, packets } = await startScripted((packet, version, serverName) => {
      if (mute) return []
      if (packet.cmd !== 'publish') return friendly()(packet, version, serverName)
      mute = true
      return ['hangUp']
    })
    const timings = { firstRetryMs: 500, retryFloorMs: 50 }
    const link = startLink({ transport: 'tcp', port }, { clock, timings, random: () => 0.5 })
    await link.untilStatus('connected')
    void link.publish('owlcms/x', '')
    await link.untilStatus('waiting')
    clock.advance(250)
    await expect.poll(() => packets.filter((cmd) => cmd.startsWith('connect'))).toHaveLength(3)
    clock.advance(1_499)
    expect(link.upstream.status().kind).toBe('connecting')
    clock.advance(1)
    expect(link.upstream.status()).toMatchObject({
      kind: 'waiting',
      fault: { code: 'halfOpen', raw: 'no CONNACK within 1.5 s' },
    })
  })

  it('notices within 10 s that nothing comes any more, after it has asked once', async () => {
    const clock = new FakeClock()
    const silent = await startScripted((packet, version) =>
      packet.cmd === 'pingreq' ? [] : friendly()(packet, version, false),
    )
    const link = startLink({ transport: 'tcp', port: silent.port }, { clock })
    await link.untilStatus('connected')
    clock.advance(7_999)
    expect(link.upstream.ready).toBe(true)
    await expect
      .poll(() => silent.packets)
      .toEqual(['connect 5', 'connect 5', 'subscribe', 'pingreq', 'pingreq'])
    clock.advance(2_000)
    expect(await link.untilStatus('waiting')).toMatchObject({
      fault: { code: 'halfOpen', raw: 'nothing heard for 8 s, not even the answer to a ping' },
    })
  })

  it('begins with the shortest delay again after 30 s of a good link, and not before', async () => {
    const clock = new FakeClock()
    const hangUpOn = friendly(({ cmd }) => (cmd === 'publish' ? ['hangUp'] : []))
    const { port } = await startScripted(hangUpOn)
    const timings = {
      firstRetryMs: 500,
      retryFloorMs: 50,
      retryCapMs: 15_000,
      deadAfterSilenceMs: 1e9,
      ackTimeoutMs: 1e9,
    }
    const link = startLink({ transport: 'tcp', port }, { clock, timings, random: () => 0.5 })
    const delays: number[] = []
    for (const livedMs of [29_000, 29_000, 30_000]) {
      const before = link.statuses.length - 1
      await link.untilStatus('connected', Math.max(before, 0))
      clock.advance(livedMs)
      void link.publish('owlcms/x', '')
      const { nextTryAt, since } = await link.untilStatus('waiting', Math.max(before, 0))
      delays.push(nextTryAt - since)
      clock.advance(nextTryAt - since)
    }
    expect(delays).toEqual([250, 500, 250])
  })
})
