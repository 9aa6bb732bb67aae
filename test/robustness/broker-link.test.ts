import { afterEach, beforeEach, expect, it } from 'vitest'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { letLoose, type Target } from './wild-link.ts'
import { eventually } from '../support/eventually.ts'

/**
 * One client must not cost the hall its link (R12). Each case has a seed of its own, `LINK_FUZZ_SEED` plus its
 * number; `LINK_FUZZ_CASES` makes long runs and prints how the cases ended.
 */
const firstSeed = Number(process.env['LINK_FUZZ_SEED'] ?? 4_000)
const cases = Number(process.env['LINK_FUZZ_CASES'] ?? 1_600)
const username = 'hall'
const password = 'planted-Secret-8472'

describeIf(requirement('mosquitto'))('with Mosquitto as it comes', () => {
  let broker: Mosquitto
  let bridge: TestBridge

  beforeEach(async () => {
    broker = await startMosquitto({ transport: 'tcp' })
    const settings = {
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: username,
      OWLCMS_MQTTPASSWORD: password,
      BRIDGE_VENUE_PORT: '0',
      BRIDGE_LOG_LEVEL: 'info',
    }
    // How much one may say is another matter.
    bridge = await startTestBridge(settings, { limits: { messagesPerSecond: 1_000, messageBurst: 10_000 } })
    await eventually(() => expect(bridge.ready).toBe(true))
  })

  afterEach(async () => {
    await bridge.stop()
    await broker.stop()
  })

  it(
    'no client, whatever it says, breaks the link, costs another one a press or puts up a phantom platform',
    { timeout: 60_000 + cases * 60 },
    async () => {
      const target: Target = {
        ...{ username, password, url: bridge.url, port: bridge.port, tcpPort: bridge.venuePort ?? 0 },
        linkBreaks: () => bridge.logLines.filter((line) => line.includes('broker link down')).length,
      }
      const startedAt = performance.now()
      const { harm, presses, endings } = await letLoose(target, { firstSeed, cases })
      const complaints = broker.log.filter((line) => /malformed|protocol error/i.test(line))
      expect({ ...harm, complaints }).toEqual({
        ...{ linkBreaks: 0, lostPresses: [], phantoms: [], seeds: [], complaints: [] },
      })
      expect(presses).toBe(Math.ceil(cases / 8))
      // Worth something only if many get through and many don't.
      if (cases >= 300) {
        expect(endings.get('answers')).toBeGreaterThan(cases / 10)
        expect(endings.get('close 1007')).toBeGreaterThan(cases / 20)
      }
      if (process.env['LINK_FUZZ_CASES'] !== undefined) {
        const seconds = (performance.now() - startedAt) / 1_000
        process.stdout.write(`${JSON.stringify({ cases, presses, seconds, endings: [...endings] })}\n`)
      }
    },
  )
})
