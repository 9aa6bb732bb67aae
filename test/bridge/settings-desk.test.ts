import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changesOf, deskView, type DeskOptions } from '../../src/bridge/settings-desk.ts'
import { givenSettings, loadConfig } from '../../src/config/config.ts'
import { hallEnvironment } from '../../src/config/hall.ts'
import { keepSettings } from '../../src/config/keep-settings.ts'
import type { DeskProgress, DeskRequest, Serving } from '../../src/protocol/contract/desk.ts'
import { systemClock } from '../../src/support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { friendly, startScripted } from '../support/scripted-broker.ts'
import { silentLog } from '../support/silent-log.ts'

const login = {
  OWLCMS_MQTTSERVER: 'abc.s1.eu.hivemq.cloud',
  OWLCMS_MQTTPORT: '8883',
  OWLCMS_MQTTUSERNAME: 'hall',
  OWLCMS_MQTTPASSWORD: 'planted-Secret-1',
}
const form = (change: Partial<DeskRequest> = {}): DeskRequest => ({
  place: 'broker',
  server: 'abc.s1.eu.hivemq.cloud',
  port: '8883',
  username: 'hall',
  ...change,
})

describe('what the form means', () => {
  it('leaves the kept password alone while address and user name are the same', () => {
    expect(changesOf(form(), login)).not.toHaveProperty('OWLCMS_MQTTPASSWORD')
    expect(changesOf(form({ server: ' abc.s1.eu.hivemq.cloud ' }), login)).not.toHaveProperty(
      'OWLCMS_MQTTPASSWORD',
    )
  })

  it.each([
    { server: 'evil.example' },
    { server: 'wss://abc.s1.eu.hivemq.cloud' },
    { port: '1883' },
    { username: 'somebody' },
  ])('forgets it with %j, so that it goes nowhere it was not typed for', (change) => {
    expect(changesOf(form(change), login)).toMatchObject({ OWLCMS_MQTTPASSWORD: '' })
    expect(changesOf(form({ ...change, password: 'new' }), login)).toMatchObject({
      OWLCMS_MQTTPASSWORD: 'new',
    })
  })

  it('makes this computer the broker, with codes that outlive a restart, and back', () => {
    const own = changesOf(form({ place: 'own' }), login)
    expect(own).toMatchObject({
      ...{
        OWLCMS_MQTTSERVER: '',
        OWLCMS_MQTTPASSWORD: '',
        BRIDGE_BROKER: 'own',
        BRIDGE_ALLOW_ANONYMOUS: 'true',
      },
      BRIDGE_SECRET: expect.stringMatching(/^.{32}$/) as string,
    })
    expect(changesOf(form({ place: 'own' }), own)).not.toHaveProperty('BRIDGE_SECRET')
    // Where all bridges of a broker sign with its password, this one must too.
    expect(changesOf(form({ password: 'x' }), own)).toMatchObject({
      ...{ BRIDGE_BROKER: '', BRIDGE_ALLOW_ANONYMOUS: '', BRIDGE_SECRET: '' },
    })
  })

  it('keeps the user name that owlcms must give where this computer is the broker', () => {
    const tightened = { BRIDGE_BROKER: 'own', OWLCMS_MQTTUSERNAME: 'owlcms', OWLCMS_MQTTPASSWORD: 'x' }
    const changes = changesOf(form({ place: 'own', adminPassword: 'y' }), tightened)
    expect(Object.keys(changes).toSorted()).toEqual([
      'BRIDGE_ADMIN_PASSWORD',
      'BRIDGE_BROKER',
      'BRIDGE_SECRET',
    ])
  })
})

describe('the settings page', () => {
  let folder = ''
  let file = ''
  let restarts = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-desk-'))
    file = join(folder, 'settings.txt')
    restarts = 0
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const desk = () => {
    const options: DeskOptions = {
      ...{
        clock: systemClock,
        random: Math.random,
        log: silentLog,
        version: '1.0.0',
        pageFiles: new Map(),
        file,
      },
      given: () => givenSettings({}, file).env,
      load: (env) => loadConfig(hallEnvironment(env, []), []),
      serving: (): Serving => ({ kind: 'serving', port: 8080 }),
      restart: async () => {
        restarts += 1
        return { kind: 'serving', port: 8080 }
      },
      reach: () => ({ hosts: ['192.168.1.50'], port: 1883 }),
    }
    return deskView(options)
  }

  it('tells everything but the passwords', async () => {
    await keepSettings(file, { ...login, BRIDGE_ADMIN_PASSWORD: 'planted-Secret-2' })
    const told = desk().settings()
    expect(told).toMatchObject({
      place: 'broker',
      server: login.OWLCMS_MQTTSERVER,
      hasPassword: true,
      hasAdminPassword: true,
    })
    expect(JSON.stringify(told)).not.toContain('planted')
  })

  it('changes nothing, and restarts nothing, while something is wrong', async () => {
    await keepSettings(file, login)
    const before = await readFile(file, 'utf8')
    const answer = await desk().save(form({ server: 'https://console.hivemq.cloud' }), 'de')
    expect(answer).toMatchObject({ kind: 'faulty', findings: [{ result: 'fail' }, { code: 'missing' }] })
    expect(await readFile(file, 'utf8')).toBe(before)
    expect(restarts).toBe(0)
  })

  it('says that the file can’t be written, and restarts nothing', async () => {
    file = join(folder, 'settings.txt', 'beneath a file')
    await keepSettings(join(folder, 'settings.txt'), login)
    const answer = await desk().save(form({ password: 'x' }), 'en')
    expect(answer).toEqual({ kind: 'notKept', code: 'ENOTDIR' })
    expect(restarts).toBe(0)
    expect((await stat(join(folder, 'settings.txt'))).isFile()).toBe(true)
  })

  it('saves one after the other, however fast somebody clicks', async () => {
    const view = desk()
    const saved = await Promise.all(['a', 'b', 'c'].map((password) => view.save(form({ password }), 'en')))
    expect(saved.map(({ kind }) => kind)).toEqual(['saved', 'saved', 'saved'])
    expect(await readFile(file, 'utf8')).toContain('OWLCMS_MQTTPASSWORD=c\n')
    expect(restarts).toBe(3)
  })

  it('ends the check when the form has changed: nothing is asked after the step under way', async () => {
    const ended = new AbortController()
    const { port, packets } = await startScripted(
      friendly(({ cmd }) => {
        if (cmd === 'subscribe') ended.abort()
        return []
      }),
    )
    const told: DeskProgress[] = []
    const request = form({ server: 'mqtt://127.0.0.1', port: String(port), password: 'x' })
    await desk().check(request, 'en', (progress) => told.push(progress), ended.signal)
    expect(packets.filter((packet) => packet.startsWith('publish'))).toEqual([])
    // Nobody stays behind at the broker.
    await eventually(() =>
      expect(packets.filter((packet) => packet.startsWith('disconnect')).length).toBe(
        packets.filter((packet) => packet.startsWith('connect')).length,
      ),
    )
  })
})
