import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { expect, it, onTestFinished } from 'vitest'
import { readState, type BridgeState } from '../../src/protocol/contract/bridge-state.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { startSimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { publication } from '../support/fake-upstream.ts'
import { startProgram } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice, startTestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const credentials = { username: 'hall', password: 'planted-Secret-8472' }
const dayMs = 86_400_000

/** The types, and the reason of an error, that a seat is told on `/ws` until it is in or out. */
async function told(port: number, token: string): Promise<readonly string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  onTestFinished(() => socket.terminate())
  const heard: string[] = []
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as ServerMessage
    heard.push(message.type)
    if (message.type === 'hello') socket.send(JSON.stringify({ type: 'start', schema: 1, token }))
    if (message.type === 'started') socket.close(1000)
  })
  const [code] = (await once(socket, 'close')) as [number]
  return [...heard.slice(0, 2), String(code)]
}

describeIf(requirement('faketime'))('a computer without a clock of its own', () => {
  it.each([
    ['90 days behind', '-90d', -90 * dayMs],
    ['an hour ahead', '+3600', 3_600_000],
  ])(
    'whose clock was %s at the start follows it as soon as it is set',
    async (_, offset, wrongByMs) => {
      const folder = await mkdtemp(join(tmpdir(), 'wrong-clock-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      const [clockFile, journal] = [join(folder, 'faketime'), join(folder, 'journal')]
      await writeFile(clockFile, `${offset}\n`)
      const broker = later(await startTestBroker({ transport: 'tcp', ...credentials }))
      const settings = {
        OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
        OWLCMS_MQTTPORT: String(broker.port),
        OWLCMS_MQTTUSERNAME: credentials.username,
        OWLCMS_MQTTPASSWORD: credentials.password,
        BRIDGE_SECRET: 'the-same-secret-on-both-0123',
      }
      const cloud = later(await startTestBridge({ ...settings, BRIDGE_NAME: 'cloud' }))
      const pi = startProgram({
        ...settings,
        ...{ BRIDGE_NAME: 'pi', PORT: '0', BRIDGE_JOURNAL_DIR: journal },
        LD_PRELOAD: faketimeLibrary(),
        ...{ FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' },
      })
      onTestFinished(() => pi.kill())
      const listening = await pi.said('listening')
      const port = Number(listening['port'])
      expect(Math.abs(Date.parse(String(listening['time'])) - Date.now() - wrongByMs)).toBeLessThan(60_000)
      await pi.said('connected to the broker')
      const address = { transport: 'tcp', host: '127.0.0.1', port: broker.port } as const
      const owlcms = startSimulatedOwlcms({
        ...{ address, ...credentials, platforms: ['A'], clock: systemClock, log: silentLog },
      })
      later(owlcms)
      await owlcms.ready
      const link = await cloud.issue({ platform: 'A' as Platform, role: 'referee', number: 1 }, 1)
      const refused = await told(port, link)

      await writeFile(clockFile, '+0\n')
      const notice = await pi.said('the clock of this computer was set: all times follow it')
      expect(Math.abs(Number(notice['setByMs']) + wrongByMs)).toBeLessThan(60_000)

      // Behind, the link was made in the future; ahead by an hour, a day is not over yet.
      expect([refused, await told(port, link)]).toEqual([
        wrongByMs < 0 ? ['hello', '4401'] : ['hello', 'started', '1000'],
        ['hello', 'started', '1000'],
      ])
      const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as {
        checks: Record<string, { time?: string }[]>
      }
      for (const name of ['bridge:clock', 'broker:link', 'owlcms:answers']) {
        expect([name, isRight(Date.parse(status.checks[name]?.[0]?.time ?? ''))]).toEqual([name, true])
      }
      const states: BridgeState[] = []
      const listener = await connectDevice(`mqtt://127.0.0.1:${broker.port}`, credentials)
      later(listener)
      listener.client.on('message', (topic, payload) => {
        const read = readState(publication(topic, payload.toString()))
        if (read !== undefined) states.push(read.state)
      })
      await listener.client.subscribeAsync('owlcms/bridge/pi/state')
      await eventually(() => expect(states.map(({ since }) => isRight(since * 1000))).toEqual([true]))

      owlcms.fieldOfPlay('A').loadSession(new FixedOrder([jane, zoe]))
      await eventually(async () => {
        const name = (await readdir(journal)).toSorted().at(-1)!
        const lines = (await readFile(join(journal, name), 'utf8')).trim().split('\n')
        const times = lines.map((line) => (JSON.parse(line) as { at: number }).at)
        expect([name, times.length > 2, times.every(isRight)]).toEqual(['journal-000002.jsonl', true, true])
      })
    },
    60_000,
  )
})

/** Within what this test may take. */
function isRight(time: number): boolean {
  return Math.abs(time - Date.now()) < 60_000
}

/** Where the distribution keeps it. */
function faketimeLibrary(): string {
  const { path = 'faketime' } = requirement('faketime')
  return execFileSync(path, ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
}
