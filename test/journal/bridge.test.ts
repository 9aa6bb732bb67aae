import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { PressRecord } from '../../src/protocol/journal/record.ts'
import { readRecording } from '../../src/protocol/journal/read-recording.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { connectDevice, hallLogin, startTestHall, type TestBridge } from '../support/running-bridge.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

const { username, password } = hallLogin

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})
/** A signed-in administrator's cookie. */
async function signIn(bridge: TestBridge): Promise<string> {
  const answer = await fetch(`${bridge.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: bridge.url },
    body: JSON.stringify({ password }),
  })
  expect(answer.status).toBe(204)
  return answer.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

it('a running bridge writes what a device pressed and what owlcms answered, to its page and, by its stop, to its file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bridge-journal-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const { broker, bridge } = await startTestHall(certificates, {
    BRIDGE_JOURNAL_DIR: directory,
    BRIDGE_JOURNAL_NAMES: 'hide',
  })
  await broker.publish('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"69.0.0"}')
  await broker.publish('owlcms/fop/start/A', '{"athleteName":"DOE, Jane","attemptNumber":1} 60000')
  const page = (cookie: string) =>
    fetch(`${bridge.url}/journal/A?format=text`, { headers: { cookie }, redirect: 'manual' })
  expect((await page('')).status).toBe(303)
  const cookie = await signIn(bridge)
  // A press made before the bridge hears of the lift belongs to none.
  await eventually(async () => expect(await (await page(cookie)).text()).toContain('clock runs'))
  const device = await connectDevice(`${bridge.url.replace('http', 'ws')}/mqtt`, { username, password })
  later(device)
  await device.press('owlcms/refbox/decision/A', '2 good')
  await broker.publish('owlcms/fop/decision/A', '2 good')

  await eventually(async () => {
    const text = await (await page(cookie)).text()
    expect(text).toContain('athlete 1 · attempt 1')
    expect(text).toMatch(/referee 2 +white, good lift – ✓ taken by owlcms after \d+ ms/)
  })
  await bridge.stop()

  expect(await readdir(directory)).toEqual(['journal-000001.jsonl'])
  const text = await readFile(join(directory, 'journal-000001.jsonl'), 'utf8')
  expect(text).not.toContain('Jane')
  const recording = readRecording(text)
  const presses = recording.ok
    ? recording.value.records.filter((record): record is PressRecord => record.type === 'press')
    : []
  expect(presses.map(({ press: { seat, via, outcome } }) => [seat, via, outcome])).toEqual([
    ['referee-2', 'mqtt', 'taken'],
  ])
  expect(bridge.logLines.join('')).not.toContain('Jane')
})
