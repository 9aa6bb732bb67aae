import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayHear, publishDenial, type Principal } from '../../src/hub/people/permissions.ts'
import { seatRoles, type SeatRole } from '../../src/protocol/contract/seat.ts'
import { readTopic, type Platform } from '../../src/protocol/owlcms/topics.ts'
import { line, publication } from '../support/fake-upstream.ts'
import type { Topic } from '../../src/protocol/topic.ts'

const A = 'A' as Platform
const seat = (role: SeatRole, number?: number): Principal => ({
  kind: 'seat',
  platform: A,
  role,
  ...(number === undefined ? {} : { number }),
})

/** Everybody who exists, by a short name. */
const people: Readonly<Record<string, Principal>> = {
  device: { kind: 'device' },
  admin: { kind: 'admin' },
  'ref 1': seat('referee', 1),
  'ref 2': seat('referee', 2),
  solo: seat('soloReferee'),
  'juror 2': seat('juryMember', 2),
  president: seat('juryPresident', 1),
  timekeeper: seat('timekeeper'),
  controller: seat('technicalController'),
  viewer: { kind: 'viewer' },
  'viewer of B': { kind: 'viewer', platforms: ['B' as Platform] },
}
const seated = ['ref 1', 'ref 2', 'solo', 'juror 2', 'president', 'timekeeper', 'controller']
const everywhere = ['device', 'admin']

function who(ask: (principal: Principal) => boolean): string[] {
  return Object.keys(people).filter((name) => ask(people[name]!))
}

const mayPublish = (topic: string, payload: string): string[] => {
  const { topic: parsed, payload: bytes } = publication(topic, payload)
  return who((principal) => publishDenial(principal, parsed, readTopic(parsed), bytes) === undefined)
}

const hear = (topic: string, payload = ''): string[] => {
  const message = publication(topic, payload)
  return who((principal) => mayHear(principal, readTopic(message.topic), message))
}

describe('who may publish what (R5)', () => {
  it.each<[string, string, string[]]>([
    ['owlcms/refbox/decision/A', '1 good', ['device', 'ref 1', 'solo']],
    ['owlcms/refbox/decision/A', '2 bad', ['device', 'ref 2', 'solo']],
    ['owlcms/decision/A', '2 good', ['device', 'ref 2', 'solo']],
    ['owlcms/refbox/decision/A', '0 good', ['device', 'solo']],
    ['owlcms/refbox/decision/B', '1 good', ['device']],
    ['owlcms/refbox/downEmitted/A', '', ['device']],
    ['owlcms/clock/A', 'start', ['device', 'timekeeper']],
    ['owlcms/clock/B', 'start', ['device']],
    ['owlcms/jurybox/juryMember/decision/A', '2 good', ['device', 'juror 2']],
    ['owlcms/jurybox/juryMember/decision/A', '1 good', ['device', 'president']],
    ['owlcms/jurybox/decision/A', 'good', ['device', 'president']],
    ['owlcms/jurybox/break/A', 'challenge', ['device', 'president']],
    ['owlcms/jurybox/summon/A', 'all', ['device', 'president']],
    ['owlcms/config', 'x', Object.keys(people)],
    ['owlcms/test/A', '1700000000000', ['device', ...seated]],
    ['owlcms/new/A', 'x', ['device']],
    ['owlcms/fop/down/A', '', []],
    ['owlcms/bridge/x/state', '{}', []],
    ['other/topic', '', []],
  ])('%s %j', (topic, payload, expected) => {
    expect(mayPublish(topic, payload).toSorted()).toEqual(expected.toSorted())
  })
})

describe('who hears what (R5)', () => {
  const all = [...everywhere, ...seated, 'viewer']
  it.each<[string, string, string[]]>([
    ['owlcms/fop/config', '{}', [...all, 'viewer of B']],
    ['owlcms/fop/refereesDecision/A', 'good', all],
    ['owlcms/fop/down/A', '', all],
    ['owlcms/fop/start/A', '{} 60000', all],
    ['owlcms/fop/resetDecisions/A', 'reset', all],
    ['owlcms/fop/refereesDecision/B', 'good', [...everywhere, 'viewer', 'viewer of B']],
    // Single decisions: before they are shown, nobody sees another referee's but the jury.
    ['owlcms/fop/decision/A', '1 good', [...everywhere, 'ref 1', 'solo', 'juror 2', 'president']],
    ['owlcms/fop/decision/A', '2 hidden', [...everywhere, 'ref 2', 'solo', 'juror 2', 'president']],
    ['owlcms/fop/decisionRequest/A', '2', [...everywhere, 'ref 2', 'solo', 'president']],
    ['owlcms/fop/summon/A', '1', [...everywhere, 'ref 1', 'solo', 'juror 2', 'president']],
    ['owlcms/fop/summon/A', '4', [...everywhere, 'solo', 'controller', 'juror 2', 'president']],
    ['owlcms/fop/juryMemberDecision/A', '2 good', [...everywhere, 'juror 2', 'president']],
    ['owlcms/fop/somethingNew/A', '1 good', everywhere],
    // The jury's vote is secret, and so is what any other device presses.
    ['owlcms/jurybox/juryMember/decision/A', '2 good', everywhere],
    ['owlcms/refbox/decision/A', '1 good', everywhere],
    ['owlcms/clock/A', 'start', everywhere],
    ['owlcms/led/A', 'on', [...everywhere, ...seated, 'viewer']],
    ['owlcms/decisionRequest/A/2', 'on', [...everywhere, 'ref 2', 'solo', 'president']],
    ['owlcms/summon/A/1', 'on', [...everywhere, 'ref 1', 'solo', 'juror 2', 'president']],
    ['owlcms/summon/A/4', 'on', []],
    ['owlcms/bridge/x/state', '{}', everywhere],
    ['owlcms/unknown', 'x', everywhere],
  ])('%s %j', (topic, payload, expected) => {
    expect(hear(topic, payload).toSorted()).toEqual(expected.toSorted())
  })

  it('never lets a seat or a viewer hear what other devices say, whatever they say', () => {
    const topics = fc.constantFrom(
      'refbox/decision',
      'jurybox/juryMember/decision',
      'jurybox/decision',
      'clock',
      'decision',
    )
    fc.assert(
      fc.property(
        topics,
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.constantFrom(...seatRoles),
        (kind, platform, payload, role) => {
          fc.pre(!/[+#\0]/.test(platform) && platform.isWellFormed() && platform.split('/').length < 20)
          const message = publication(`owlcms/${kind}/${platform}`, payload)
          const principal: Principal = { kind: 'seat', platform: platform as Platform, role, number: 1 }
          expect(mayHear(principal, readTopic(message.topic), message), line(message)).toBe(false)
        },
      ),
    )
  })
})

it('only a bridge below speaks under owlcms/bridge/, and under its own name only', () => {
  const pi: Principal = { kind: 'device', bridge: 'pi' }
  const denial = (principal: Principal, name: string): string | undefined => {
    const topic = name as Topic
    return publishDenial(principal, topic, readTopic(topic), new Uint8Array())
  }
  for (const word of ['state', 'revoked', 'seats']) {
    expect(denial(pi, `owlcms/bridge/pi/${word}`)).toBeUndefined()
    expect(denial(pi, `owlcms/bridge/cloud/${word}`)).toBe('reserved')
    for (const principal of Object.values(people))
      expect(denial(principal, `owlcms/bridge/pi/${word}`)).toBe('reserved')
  }
  expect(denial(pi, 'owlcms/bridge/pi/other')).toBe('reserved')
  expect(denial(pi, 'owlcms/fop/down/A')).toBe('reserved')
})
