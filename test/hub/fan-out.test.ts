import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FanOut, type FrameFormat, type Recipient } from '../../src/hub/routing/fan-out.ts'
import type { Frame, OfferOutcome } from '../../src/hub/routing/outbox.ts'
import type { Match } from '../../src/hub/routing/subscription-index.ts'
import type { Publication, QoS } from '../../src/protocol/publication.ts'
import { publication } from '../support/fake-upstream.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

class Listener implements Recipient {
  heard = ''
  readonly format: FrameFormat
  readonly singly: boolean
  constructor(format: FrameFormat, singly: boolean) {
    this.format = format
    this.singly = singly
  }
  readonly outbox = {
    offer: (frame: Frame): OfferOutcome => {
      this.heard += text(frame)
      return 'queued'
    },
  }
  deliver(each: Publication): OfferOutcome {
    this.heard += text(this.format.encode(each))
    return 'queued'
  }
}

it('gives each session exactly what matches it, in order, however runs begin and end', () => {
  const formats: FrameFormat[] = ['<', '['].map((mark) => ({
    encode: (each) => new TextEncoder().encode(mark + text(each.payload)),
  }))
  const listeners = fc.array(fc.tuple(fc.nat(1), fc.boolean(), fc.constantFrom<QoS>(0, 1)), {
    minLength: 1,
    maxLength: 6,
  })
  const steps = fc.array(
    fc.oneof(fc.tuple(fc.nat(63), fc.constantFrom<0 | 1>(0, 1)), fc.constant('end' as const)),
    {
      maxLength: 40,
    },
  )
  fc.assert(
    fc.property(listeners, steps, fc.integer({ min: 1, max: 60 }), (kinds, script, maxRunBytes) => {
      const people = kinds.map(([format, singly]) => new Listener(formats[format]!, singly))
      const expected = people.map(() => '')
      const lists = new Map<number, readonly Match<Listener>[]>()
      const fanOut = new FanOut<Listener>(
        maxRunBytes,
        () => undefined,
        () => undefined,
      )
      for (const [at, step] of script.entries()) {
        if (step === 'end') {
          fanOut.endRun(at % 2 === 0)
          continue
        }
        const [mask, qos] = step
        let list = lists.get(mask)
        if (list === undefined) {
          list = people.flatMap((session, bit) =>
            (mask >> bit) % 2 === 0
              ? []
              : [
                  {
                    session,
                    qos: kinds[bit]![2],
                    noLocal: false,
                    retainAsPublished: false,
                    identifiers: [],
                    own: false,
                  },
                ],
          )
          lists.set(mask, list)
        }
        for (const [bit] of people.entries()) {
          if ((mask >> bit) % 2 === 1)
            expected[bit] = `${expected[bit]}${kinds[bit]![0] === 0 ? '<' : '['}${at}`
        }
        fanOut.offer(publication('a', String(at), qos), list)
      }
      fanOut.endRun(true)
      expect(people.map(({ heard }) => heard)).toEqual(expected)
    }),
  )
})
