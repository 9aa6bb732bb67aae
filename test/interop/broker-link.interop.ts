import { afterEach, expect, it } from 'vitest'
import { letLoose, type Target } from '../robustness/wild-link.ts'
import { makeCertificates } from '../support/certificates.ts'
import { describeIf } from '../support/requirements.ts'
import { startTestBridge } from '../support/running-bridge.ts'
import { Cleanup } from './support/cleanup.ts'
import { hivemq } from './support/foreign.ts'
import { password, settingsFor, startHiveMq, user } from './support/hivemq.ts'
import { eventually } from '../support/eventually.ts'

/** As test/robustness/broker-link.test.ts, with the broker that most halls have. */
const firstSeed = Number(process.env['LINK_FUZZ_SEED'] ?? 9_000)
const cases = Number(process.env['LINK_FUZZ_CASES'] ?? 2_000)

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describeIf(hivemq.needs)('with HiveMQ CE', () => {
  it(
    'no client, whatever it says, breaks the link, costs another one a press or puts up a phantom platform',
    { timeout: 60_000 + cases * 60 },
    async ({ task }) => {
      const certificates = await makeCertificates()
      const broker = await startHiveMq(certificates)
      cleanup.add(() => broker.stop())
      task.meta.tested = `wild clients before HiveMQ CE ${broker.version}`
      const limits = { messagesPerSecond: 1_000, messageBurst: 10_000 }
      const bridge = await startTestBridge(settingsFor(broker, certificates.ca), { limits })
      cleanup.add(() => bridge.stop())
      await eventually(() => expect(bridge.ready).toBe(true), { timeout: 30_000, interval: 20 })
      const target: Target = {
        ...{ username: user, password, url: bridge.url, port: bridge.port, tcpPort: bridge.venuePort ?? 0 },
        linkBreaks: () => bridge.logLines.filter((line) => line.includes('broker link down')).length,
      }
      const { harm, presses } = await letLoose(target, { firstSeed, cases })
      expect(harm).toEqual({ linkBreaks: 0, lostPresses: [], phantoms: [], seeds: [] })
      expect(presses).toBe(Math.ceil(cases / 8))
    },
  )
})
