import { createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyToken } from '../../src/access/token.ts'
import { buildAccess, type Access } from '../../src/bridge/access.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alone, FakeUpstream } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

/** SECURITY.md, "Attacks": passwords tried, away from the bridge, against one link, QR sheet or cookie. */

const brokerPassword = 'sunshine1'
const adminPassword = 'dragon-2026'
const phrase = 'weightlifting-club'
const clock = new FakeClock()
const place = { platform: 'A' as Platform, role: 'referee', number: 1 } as const

function accessWith(settings: Readonly<Record<string, string>> = {}): Access {
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: 'broker.example',
      OWLCMS_MQTTUSERNAME: 'hall',
      OWLCMS_MQTTPASSWORD: brokerPassword,
      ...settings,
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error('faulty')
  const access = buildAccess(
    loaded.config,
    { clock, random: Math.random, log: silentLog },
    alone(new FakeUpstream()),
  )
  clock.advance(3_000)
  return access
}

/** Everything that leaves the bridge signed. */
async function everythingSigned(access: Access, password: string): Promise<Record<string, string>> {
  const { doorkeeper, administrator } = access
  const login = await administrator.login(password, '192.0.2.1')
  if (login.kind !== 'in') throw new Error(login.kind)
  const session = await administrator.session(login.session)
  if (session === undefined) throw new Error('not signed in')
  return {
    seat: (await doorkeeper.issue(place, 1)).token,
    viewer: (await doorkeeper.issue({ platform: place.platform, role: 'viewer' }, 1)).token,
    cookie: login.session,
    stream: (await administrator.streamToken(session)).token,
  }
}

/** What a fast machine makes of one password in a moment: itself, and what fast functions make of it. */
function cheapKeys(password: string): string[] {
  const contexts = ['', 'owlcms-bridge signing key', 'owlcms-bridge links', 'owlcms-bridge administrator']
  const raw = [
    createHash('sha256').update(password).digest(),
    ...contexts.map((info) => Buffer.from(hkdfSync('sha256', password, '', info, 32))),
    ...contexts.map((info) => Buffer.from(hkdfSync('sha256', password, 'hall', info, 32))),
    ...contexts.map((text) => createHmac('sha256', password).update(text).digest()),
  ]
  return [password, ...raw.flatMap((key) => [key.toString('hex'), key.toString('base64url')])]
}

/** What was signed with one of these keys. */
const broken = (signed: Record<string, string>, keys: readonly string[]): string[] =>
  Object.keys(signed).filter((name) => {
    const verdict = verifyToken(
      signed[name] ?? '',
      keys,
      ['seat', 'viewer', 'admin', 'session'],
      clock.wallTime(),
    )
    return verdict.kind === 'good' || verdict.why !== 'forged'
  })

describe('what is signed can’t be held against a list of passwords', () => {
  it.each([
    ['the broker’s password, nothing set', {}, brokerPassword],
    [
      'the broker’s password, with a password of the administrator’s own',
      { BRIDGE_ADMIN_PASSWORD: adminPassword },
      brokerPassword,
    ],
    ['a phrase as BRIDGE_SECRET', { BRIDGE_SECRET: phrase }, phrase],
  ] as const)('%s', async (_, settings, guess) => {
    const password = 'BRIDGE_ADMIN_PASSWORD' in settings ? settings.BRIDGE_ADMIN_PASSWORD : brokerPassword
    const signed = await everythingSigned(accessWith(settings), password)
    const keys = cheapKeys(guess)
    // The console's key of before: the links' key with the administrator's password.
    const more = keys.map((key) =>
      createHmac('sha256', key).update(`owlcms-bridge administrator\0${password}`).digest('base64url'),
    )
    expect(broken(signed, [...keys, ...more])).toEqual([])
  })

  it('nor the console’s cookie against a list of administrators’ passwords by who knows the secret of the links', async () => {
    const access = accessWith({ BRIDGE_ADMIN_PASSWORD: adminPassword })
    const signed = await everythingSigned(access, adminPassword)
    const linkKey = scryptSync(brokerPassword, 'owlcms-bridge links\0hall', 32, {
      ...{ N: 32_768, r: 8, p: 3 },
      maxmem: 2 ** 26,
    }).toString('base64url')
    const keys = [...cheapKeys(brokerPassword), linkKey].flatMap((secret) => [
      createHmac('sha256', secret)
        .update(`owlcms-bridge administrator\0${adminPassword}`)
        .digest('base64url'),
      createHmac('sha256', secret).update(adminPassword).digest('base64url'),
      createHmac('sha256', adminPassword).update(secret).digest('base64url'),
    ])
    expect(broken(signed, keys)).toEqual([])
    // So that this test can fail: the links' own key is what it tries them with.
    expect(broken(signed, [linkKey])).toEqual(['seat', 'viewer'])
  })
})
