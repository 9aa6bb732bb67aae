import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { startAedesBroker } from '../../support/aedes-broker.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { buildPages } from '../../keypad/support/built-pages.ts'
import { Phone } from '../../keypad/support/phone.ts'
import { FixedOrder, jane, zoe } from '../../simulator/transcript.ts'
import { requirement } from '../../support/requirements.ts'
import { connectDevice, startTestBridge, type TestBridge } from '../../support/running-bridge.ts'
import { silentLog } from '../../support/silent-log.ts'

export const credentials = { username: 'hall', password: 'planted-Secret-8472' }

/**
 * A name as a hall's network gives one, for this machine itself: the links then lead where phones can go. Plain HTTP, so
 * the pages have to do without what browsers keep for HTTPS, as in many halls.
 */
const hostName = 'bridge.test'

/** Everything there is in a hall: broker, owlcms, the bridge as it runs, the organiser's computer and the phones. */
export interface WholeHall {
  /** As people type it. */
  readonly url: string
  readonly bridge: TestBridge
  readonly owlcms: SimulatedOwlcms
  readonly order: FixedOrder
  /** Topic and payload of every press that reached the broker, in its order. */
  readonly presses: readonly string[]
  readonly password: string
  /** A browser of somebody's own, with nothing in it; closed with the hall. */
  person(viewport: { readonly width: number; readonly height: number }): Promise<BrowserContext>
  /** A phone of somebody's own that opens this address. */
  phone(address: string): Promise<Phone>
  /** All that the bridge told this phone by `/ws`, oldest first. */
  told(phone: Phone): readonly string[]
  /** What any page complained of: faults, or a breach of the CSP. */
  readonly complaints: readonly string[]
  stop(): Promise<void>
}

/** A broker that knows {@link credentials}. */
interface HallBroker {
  readonly port: number
  stop(): Promise<void>
}

const aedesBroker = (): Promise<HallBroker> => startAedesBroker({ ...credentials, log: silentLog })

/** Starts it, with a session of Jane and Zoë on platform A, ready to lift. */
export async function startWholeHall(
  startBroker: () => Promise<HallBroker> = aedesBroker,
): Promise<WholeHall> {
  const [pages, browser, broker] = await Promise.all([buildPages(), openBrowser(), startBroker()])
  const bridge = await startTestBridge(
    {
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: credentials.username,
      OWLCMS_MQTTPASSWORD: credentials.password,
    },
    { pageFiles: pages },
  )
  const address = { transport: 'tcp', host: '127.0.0.1', port: broker.port } as const
  const owlcms = startSimulatedOwlcms({
    ...{ address, ...credentials, platforms: ['A'], clock: systemClock, log: silentLog },
  })
  await owlcms.ready
  const order = new FixedOrder([jane, zoe, { ...zoe, attemptNumber: 2 }, jane])
  owlcms.console('A').loadSession(order)
  owlcms.console('A').startLifting()
  const presses: string[] = []
  const listener = await connectDevice(`mqtt://127.0.0.1:${broker.port}`, {
    ...{ ...credentials, subscribe: 'owlcms/#' },
  })
  listener.client.on('message', (topic, payload) => {
    const press = /^owlcms\/((?:refbox|jurybox|clock)\/.*)$/.exec(topic)?.[1]
    if (press !== undefined) presses.push(`${press} ${payload.toString()}`)
  })
  const complaints: string[] = []
  const told = new Map<Phone, string[]>()
  const person: WholeHall['person'] = (viewport) => browser.newContext({ viewport, locale: 'en-GB' })
  return {
    ...{ bridge, owlcms, order, presses, complaints, person },
    url: `http://${hostName}:${bridge.port}`,
    password: credentials.password,
    async phone(link) {
      const context = await person({ width: 360, height: 740 })
      const phone = await Phone.open(context, 'about:blank')
      const texts: string[] = []
      told.set(phone, texts)
      phone.page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => texts.push(String(payload))),
      )
      await phone.page.goto(link)
      phone.page.once('close', () => void context.close().catch(() => undefined))
      hear(phone.page, complaints)
      return phone
    },
    told: (phone) => told.get(phone) ?? [],
    async stop() {
      await browser.close()
      await listener.stop()
      await owlcms.stop()
      await bridge.stop()
      await broker.stop()
    },
  }
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: requirement('chromium').path ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows'],
      ...['--disable-renderer-backgrounding', `--host-resolver-rules=MAP ${hostName} 127.0.0.1`],
    ],
  })
}

/** Keeps what a page complains of. */
export function hear(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
}
