import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LinkPlaceView } from '../../src/http/api/access-view.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { builtPages } from '../support/built-pages.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { openFirefox, type FirefoxTab, type TestFirefox } from '../support/firefox.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'

const login = { username: 'hall', password: 'planted-Secret-8472' }

describeIf(requirement('firefox'))('in Firefox', () => {
  let firefox: TestFirefox
  let bridge: TestBridge
  let owlcms: SimulatedOwlcms

  beforeAll(async () => {
    const [pageFiles, opened] = await Promise.all([builtPages(), openFirefox()])
    firefox = opened
    bridge = await startTestBridge(
      {
        ...{ BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '0' },
        ...{ OWLCMS_MQTTUSERNAME: login.username, OWLCMS_MQTTPASSWORD: login.password },
      },
      { pageFiles },
    )
    owlcms = startSimulatedOwlcms({
      address: { transport: 'tcp', host: '127.0.0.1', port: bridge.owlcmsPort! },
      ...login,
      platforms: ['A'],
      clock: systemClock,
      log: silentLog,
    })
    await owlcms.ready
    const desk = owlcms.fieldOfPlay('A')
    desk.loadSession(new FixedOrder([jane, zoe]))
    desk.startLifting()
  }, 90_000)

  afterAll(async () => {
    await firefox.close()
    await owlcms.stop()
    await bridge.stop()
  })

  async function sit(role: 'referee' | 'timekeeper', number?: number): Promise<FirefoxTab> {
    const place = { platform: 'A', role, ...(number === undefined ? {} : { number }) } as LinkPlaceView
    const tab = await firefox.open(`${bridge.url}/seat#${await bridge.issue(place, 1)}`)
    await tab.touch('.begin .command')
    await tab.sees('.app[data-line="live"] .phase p:first-child:not(:empty)')
    return tab
  }

  test('a referee decides a lift: owlcms’s echo stands on the keypad, and the console shows it', async () => {
    const desk = await firefox.open(`${bridge.url}/console`)
    await desk.type('input[type=password]', `${login.password}\uE007`)
    await desk.sees('.live .light')
    const timekeeper = await sit('timekeeper')
    const referee = await sit('referee', 2)
    await timekeeper.touch('.big .go')
    await timekeeper.sees('.timekeeper .clock[data-clock="running"]')
    await timekeeper.touch('.big .halt')
    await referee.sees('.phase .clock[data-clock="stopped"]')
    await referee.touch('.verdict.good')
    await referee.sees('.verdict.good[data-state="taken"]')
    expect(await referee.evaluate(`document.querySelector('.fate').textContent`)).toContain('WHITE')
    await desk.sees('.live .light:nth-child(2).good')
    expect(await desk.evaluate(`document.querySelectorAll('.live .light.good').length`)).toBe(1)
  }, 60_000)
})
