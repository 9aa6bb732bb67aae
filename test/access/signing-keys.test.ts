import { expect, it } from 'vitest'
import { SigningKeys, type DeriveKey } from '../../src/access/signing-keys.ts'
import { buildAccess, type Access } from '../../src/bridge/access.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { rememberedKey } from '../support/derive-key.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alone, FakeUpstream } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

const secrets = {
  secret: 'pass word',
  secretSalt: 'hall',
  previousSecret: 'a phrase of last month',
  adminPassword: 'sesame',
}

it('keys are what another scrypt makes of the secrets, so that a printed link outlives a new release', async () => {
  // Python: hashlib.scrypt(secret, salt=b'owlcms-bridge links\0hall', n=32768, r=8, p=3, maxmem=2**26, dklen=32)
  const keys = new SigningKeys(secrets)
  expect(await keys.links()).toEqual([
    'r6ErFNo4Xhkhz-k5znQZCmVYJwHWp2pEu8122jFBXGE',
    'yLCrjk0RJCHL6ksR2ipqdcoEOuzwWzOZGSnFxxaS5nI',
  ])
  expect(await keys.administrator()).toBe('oCYaZO5HvAt3vxJYowYMw4ICdOTrACubu6EK2zx35I4')
})

it('each key is made once, when it is asked for, and never two at a time', async () => {
  const made: string[] = []
  let busy = 0
  const derive: DeriveKey = async (secret, salt) => {
    busy += 1
    made.push(`${busy} at a time: ${secret.replace('\0', '+')} for ${salt.split('\0')[0] ?? ''}`)
    await new Promise((resolve) => setImmediate(resolve))
    busy -= 1
    return secret
  }
  const keys = new SigningKeys(secrets, derive)
  expect(made).toEqual([])
  await Promise.all([keys.administrator(), keys.links(), keys.administrator(), keys.links()])
  expect(made).toEqual([
    '1 at a time: pass word for owlcms-bridge links',
    '1 at a time: a phrase of last month for owlcms-bridge links',
    '1 at a time: pass word+sesame for owlcms-bridge administrator',
  ])
})

function accessWith(settings: Readonly<Record<string, string>>): Access {
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: 'abc.s1.eu.hivemq.cloud',
      OWLCMS_MQTTUSERNAME: 'hall',
      OWLCMS_MQTTPASSWORD: 'sunshine1',
      ...settings,
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error('faulty')
  const clock = new FakeClock()
  const dependencies = { clock, random: Math.random, log: silentLog, deriveKey: rememberedKey }
  const access = buildAccess(loaded.config, dependencies, alone(new FakeUpstream()))
  clock.advance(3_000)
  return access
}

const place = { platform: 'A' as Platform, role: 'timekeeper' } as const
const cloud = { BRIDGE_NAME: 'cloud' }

it.each<[string, Record<string, string>, boolean]>([
  ['after a restart', cloud, true],
  ['on a second bridge of the broker', { BRIDGE_NAME: 'second' }, true],
  [
    'in the hall, by way of the bridge in the cloud',
    { OWLCMS_MQTTSERVER: 'wss://my-bridge.fly.dev/mqtt', BRIDGE_VENUE_PORT: '1883' },
    true,
  ],
  ['where the broker is named by number', { OWLCMS_MQTTSERVER: '192.0.2.7', OWLCMS_MQTTPORT: '1883' }, true],
  ['where the console has a password of its own', { BRIDGE_ADMIN_PASSWORD: 'sesame' }, true],
  ['at another club with the same password', { OWLCMS_MQTTUSERNAME: 'other-hall' }, false],
  ['after a new password', { OWLCMS_MQTTPASSWORD: 'moonlight2' }, false],
])('with nothing set, a link works %s: %o', async (_, settings, works) => {
  const { token } = await accessWith(cloud).doorkeeper.issue(place, 1)
  expect((await accessWith(settings).verifyPassword(token)) !== undefined).toBe(works)
})

it('a BRIDGE_SECRET holds for all bridges that have it, whoever they are at the broker', async () => {
  const secret = { BRIDGE_SECRET: 'the-same-on-both-bridges' }
  const { token } = await accessWith({ ...cloud, ...secret }).doorkeeper.issue(place, 1)
  const other = { OWLCMS_MQTTUSERNAME: 'hall-2', OWLCMS_MQTTPASSWORD: 'moonlight2' }
  for (const setting of ['BRIDGE_SECRET', 'BRIDGE_SECRET_PREVIOUS']) {
    const settings = { ...other, BRIDGE_SECRET: 'a-new-one-for-them', [setting]: secret.BRIDGE_SECRET }
    expect(await accessWith(settings).verifyPassword(token)).toMatchObject({ kind: 'seat' })
  }
})
