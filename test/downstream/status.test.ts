import { expect, it } from 'vitest'
import { StatusRendering } from '../../src/downstream/json-stream/status.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'

const [A, B] = ['A', 'B'] as Platform[] as [Platform, Platform]

/** Of a hall in which platform B takes no presses. */
function statusNow(): StatusRendering {
  const clock = new FakeClock()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  platforms.receive(
    publication('owlcms/fop/config', '{"jurySize":5,"platforms":["A","B"],"version":"61.0.0"}'),
  )
  const traffic = { lastHeardAt: undefined, deafUntil: undefined }
  const watch = {
    presence: { kind: 'silent' as const, since: clock.now(), config: undefined },
    platforms: () => [
      { ...traffic, platform: A, silent: false },
      { ...traffic, platform: B, silent: true },
    ],
  }
  return new StatusRendering({ ready: true, watch }, platforms)
}

const all = { platforms: ['A', 'B'], silentPlatforms: ['B'] }
const readers: readonly [string, Principal, object][] = [
  ['a viewer', { kind: 'viewer' }, all],
  ['a box', { kind: 'device' }, all],
  ['a viewer of A', { kind: 'viewer', platforms: [A] }, { platforms: ['A'] }],
  ['a referee of A', { kind: 'seat', platform: A, role: 'referee', number: 1 }, { platforms: ['A'] }],
  [
    'a timekeeper of B',
    { kind: 'seat', platform: B, role: 'timekeeper' },
    { platforms: ['B'], silentPlatforms: ['B'] },
  ],
]

it.each(readers)(
  'the state told to %s names the platforms that it hears, and no other',
  (_, reader, told) => {
    const status = statusNow()
    // Whoever was told before.
    for (const [, other] of readers) status.textFor(other)
    expect(JSON.parse(status.textFor(reader).json)).toEqual({
      type: 'status',
      ready: true,
      presence: 'silent',
      owlcms: { version: '61.0.0', jurySize: 5 },
      ...told,
    })
  },
)

it('the state is written once for all who hear the same platforms', () => {
  const status = statusNow()
  expect(new Set(readers.map(([, reader]) => status.textFor(reader))).size).toBe(3)
  expect(status.textFor({ kind: 'viewer' })).toBe(status.textFor({ kind: 'admin' }))
})
