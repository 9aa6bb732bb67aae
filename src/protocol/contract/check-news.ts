import * as v from 'valibot'
import type { LightCheckOverview, LightCheckSeat } from './console-api.ts'
import type { Platform } from '../owlcms/topics.ts'
import type { Publication } from '../publication.ts'
import { bridgeTopic, platformName as platform, readNews, shortText as short } from './bridge-topic.ts'
import { parseSeatKey } from './seat.ts'
import { drillSteps, type DrillStep } from './stream-message.ts'

/**
 * What bridges tell each other of a light check, on `owlcms/bridge/<name>/check`, never retained (PROTOCOL.md 6): the one
 * that asks tells how it stands, the others what their seats answer.
 */
export interface CheckNews {
  /** Of the process that says it. */
  readonly bridge: string
  readonly told?: CheckTold
  readonly answer?: CheckAnswered
}

/** How a check stands, by the bridge on whose console it was started. */
export interface CheckTold extends Pick<LightCheckOverview, 'ended' | 'seats'> {
  readonly platform: Platform
  /** Names this check among all. */
  readonly run: string
  /** Milliseconds since it began, and until it ends at the latest; clocks differ. */
  readonly ranMs: number
  readonly leftMs: number
}

/** What an official of another bridge did; `stop`: its organiser ends the check. */
export interface CheckAnswered {
  readonly platform: Platform
  readonly run: string
  readonly stop?: true
  readonly seat?: SeatAnswer
}

/** An official's answer to the check. */
export interface SeatAnswer {
  /** The seat's word, `referee-2`. */
  readonly seat: string
  /** The name by which an organiser knows the device. */
  readonly device: string
  /** What was pressed, or felt, or heard; `press`: a key without a colour. */
  readonly did: DrillStep
  /** From press to bridge, where the device tells. */
  readonly delayMs?: number
}

/** The reasons for which a check ends. */
const ends = ['allDone', 'stopped', 'liftingStarted', 'juryBegan', 'timeOver', 'bridgeGone'] as const
const seatStates = ['waiting', 'asked', 'passed', 'failed'] as const
const faults = ['nothing', 'noPress', 'wrongColour', 'interrupted', 'notReached'] as const
/** Milliseconds that a check may last by another bridge's word; its own limit is 3 minutes. */
const mostMs = 200_000
/** The same since it began: a result is told as long as anybody remembers it, a day at most. */
export const mostRanMs = 86_400_000
/** Seats of one platform, and more. */
const maxSeats = 30

const seat = v.pipe(
  short,
  v.check((word) => parseSeatKey(word) !== undefined),
)
const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(mostMs))
const step = v.picklist(drillSteps)

const newsSchema = v.object({
  bridge: short,
  told: v.optional(
    v.object({
      platform,
      run: short,
      ranMs: v.pipe(v.number(), v.minValue(0), v.maxValue(mostRanMs)),
      leftMs: ms,
      ended: v.optional(v.picklist(ends)),
      seats: v.pipe(
        v.array(
          v.object({
            seat,
            state: v.picklist(seatStates),
            device: v.optional(short),
            bridge: v.optional(short),
            step: v.optional(step),
            p95Ms: v.optional(ms),
            fault: v.optional(v.picklist(faults)),
          }),
        ),
        v.maxLength(maxSeats),
      ),
    }),
  ),
  answer: v.optional(
    v.object({
      platform,
      run: short,
      stop: v.optional(v.literal(true)),
      seat: v.optional(v.object({ seat, device: short, did: step, delayMs: v.optional(ms) })),
    }),
  ),
})

const encoder = new TextEncoder()

/** Throws when the name makes no topic. */
export function checkNewsOf(name: string, news: CheckNews): Publication {
  return {
    topic: bridgeTopic(name, 'check'),
    payload: encoder.encode(JSON.stringify(news)),
    qos: 1,
    retain: false,
  }
}

/** Reads such a publication; undefined when it is none. Never throws. */
export function readCheckNews(
  publication: Publication,
): { readonly name: string; readonly news: CheckNews } | undefined {
  return readNews('check', newsSchema, publication) as
    { readonly name: string; readonly news: CheckNews } | undefined
}

/** Seats that were not through when their check ended. */
export function endedSeat(seat: LightCheckSeat): LightCheckSeat {
  if (seat.state === 'passed' || seat.state === 'failed') return seat
  return { ...seat, state: 'failed', fault: seat.state === 'asked' ? 'interrupted' : 'notReached' }
}
