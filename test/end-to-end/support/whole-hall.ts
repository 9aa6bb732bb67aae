import type { BrowserContext } from 'playwright-core'
import { parseSeatKey } from '../../../src/protocol/contract/seat.ts'
import type { Platform } from '../../../src/protocol/owlcms/topics.ts'
import { startSimulatedOwlcms } from '../../../src/simulator/simulated-owlcms.ts'
import { builtPages } from '../../support/built-pages.ts'
import { Phone } from '../../keypad/support/phone.ts'
import { FixedOrder, jane, zoe } from '../../simulator/transcript.ts'
import { complaintsOf, hallName, openChromium } from '../../support/chromium.ts'
import { until } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { connectDevice, startTestBridge } from '../../support/running-bridge.ts'
import { silentLog } from '../../support/silent-log.ts'
import { startTestBroker, type TestBroker } from '../../support/tls-broker.ts'

export const credentials = { username: 'hall', password: 'planted-Secret-8472' }

export type WholeHall = Awaited<ReturnType<typeof startWholeHall>>

/**
 * Everything there is in a hall: broker, owlcms, the bridge as it runs, the organiser's computer and the phones. With the release
 * of owlcms that is asked for, and a session of Jane and Zoë on platform A, ready to lift.
 */
export async function startWholeHall({
  startBroker = () => startTestBroker({ transport: 'tcp', ...credentials }),
  ...release
}: {
  /** It knows {@link credentials}. */
  readonly startBroker?: () => Promise<Pick<TestBroker, 'port' | 'stop'>>
  readonly version?: string
} = {}) {
  const [pages, broker] = await Promise.all([builtPages(), startBroker()])
  const bridge = await startTestBridge(
    {
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: credentials.username,
      OWLCMS_MQTTPASSWORD: credentials.password,
    },
    { pageFiles: pages },
  )
  // What owlcms says before is not told again.
  await until(() => bridge.ready)
  const address = { transport: 'tcp', host: '127.0.0.1', port: broker.port } as const
  const time = new FakeClock()
  const owlcms = startSimulatedOwlcms({
    ...{ address, ...credentials, ...release, platforms: ['A'], clock: time, log: silentLog },
  })
  // What stands still keeps no message back, and tells no two votes apart.
  Object.assign(owlcms.platform('A').faults, { swapWithinMs: 0, losesSimultaneousVotes: false })
  await time.advanceUntil(owlcms.ready)
  const order = new FixedOrder([jane, zoe, { ...zoe, attemptNumber: 2 }, jane])
  owlcms.fieldOfPlay('A').loadSession(order)
  owlcms.fieldOfPlay('A').startLifting()
  /** Topic and payload of every press that reached the broker, in its order. */
  const presses: string[] = []
  const listener = await connectDevice(`mqtt://127.0.0.1:${broker.port}`, {
    ...{ ...credentials, subscribe: 'owlcms/#' },
  })
  listener.client.on('message', (topic, payload) => {
    const press = /^owlcms\/((?:refbox|jurybox|clock)\/.*)$/.exec(topic)?.[1]
    if (press !== undefined) presses.push(`${press} ${payload.toString()}`)
  })
  /** What any page complained of: faults, or a breach of the CSP. */
  const complaints: string[] = []
  const told = new Map<Phone, string[]>()
  /** As people type it. Plain HTTP, so the pages have to do without what browsers keep for HTTPS, as in many halls. */
  const url = `http://${hallName}:${bridge.port}`
  const people: BrowserContext[] = []
  /** A browser of somebody's own, with nothing in it; closed with the hall. */
  const person = async (viewport: { width: number; height: number }): Promise<BrowserContext> => {
    const { context } = await openChromium({ viewport, locale: 'en-GB' })
    people.push(context)
    return context
  }
  return {
    ...{ url, bridge, owlcms, order, presses, complaints, person, password: credentials.password },
    /** The link of a seat of platform A: `referee-2`. */
    async seat(key: string): Promise<string> {
      const place = parseSeatKey(key)
      if (place === undefined) throw new Error(`no seat: ${key}`)
      return `${url}/seat#${await bridge.issue({ platform: 'A' as Platform, ...place }, 1)}`
    },
    /** A phone of somebody's own that opens this address. */
    async phone(link: string): Promise<Phone> {
      const context = await person({ width: 360, height: 740 })
      const phone = await Phone.open(context, 'about:blank')
      const texts: string[] = []
      told.set(phone, texts)
      phone.page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => texts.push(String(payload))),
      )
      await phone.page.goto(link)
      phone.page.once('close', () => void context.close().catch(() => undefined))
      complaintsOf(phone.page, complaints)
      return phone
    },
    /** All that the bridge told this phone by `/ws`, oldest first. */
    told: (phone: Phone): readonly string[] => told.get(phone) ?? [],
    /**
     * So much of owlcms's time passes, in milliseconds; it stands still otherwise, so that nothing is over before a page has shown
     * it. Takes as long: the bridge knows how long owlcms shows a decision.
     */
    passes: (ms: number) => time.keepPace(ms),
    async stop() {
      for (const context of people) await context.close()
      await listener.stop()
      await owlcms.stop()
      await bridge.stop()
      await broker.stop()
    },
  }
}
