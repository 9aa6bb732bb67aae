import type { FrameSink } from '../../hub/routing/outbox.ts'
import { hearsPlatform } from '../../hub/field/sight.ts'
import type { CancelTimer } from '../../support/clock.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { StreamContext } from './context.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import { whenKnown, type MaybePromise } from '../../support/maybe-promise.ts'
import { admit, identity } from './handle-start.ts'
import type { Admission, Guest } from '../guests/guest-book.ts'
import {
  eventSourceComment,
  eventSourceFormat,
  eventSourceRetry,
  eventSourceRetryIn,
  parseEventId,
} from './formats.ts'
import { Subscriber, type Since } from './subscriber.ts'

/** Where the text goes; `end` closes the response. */
export interface EventSink extends FrameSink {
  end(): void
}

/** What a GET of `/events` asks for. */
export interface FeedRequest {
  readonly platform: string
  readonly token: string | undefined
  /** What the browser says it got last; another one than ours counts as none. */
  readonly lastEventId: string | undefined
  readonly address: string
}

/** No feed: the token is no good, the platform isn't for its holder, or there is no place. */
export interface FeedRefusal {
  readonly kind: 'refused'
  readonly why: 'token' | 'platform' | 'full'
}

/** One listener of `/events`: one platform, so that one id says how far it has come. */
export class EventFeed {
  /** Called when the feed ends by itself, a slow listener's for example. */
  onEnd: (() => void) | undefined
  readonly #context: StreamContext
  readonly #sink: EventSink
  readonly #subscriber: Subscriber
  #cancelComment: CancelTimer | undefined
  #ended = false

  private constructor(context: StreamContext, sink: EventSink, subscriber: (feed: EventFeed) => Subscriber) {
    this.#context = context
    this.#sink = sink
    this.#subscriber = subscriber(this)
  }

  static open(
    context: StreamContext,
    guest: Guest,
    request: FeedRequest,
    sink: EventSink,
  ): MaybePromise<EventFeed | FeedRefusal> {
    return whenKnown(admit(context, guest, { token: request.token }), (admission) =>
      EventFeed.#open(context, request, sink, admission),
    )
  }

  static #open(
    context: StreamContext,
    request: FeedRequest,
    sink: EventSink,
    admission: Admission,
  ): EventFeed | FeedRefusal {
    if (admission.kind === 'refused')
      return { kind: 'refused', why: admission.reason === 'unauthorised' ? 'token' : 'full' }
    const { principal } = admission
    const platform = request.platform as Platform
    if (!hearsPlatform(principal, platform)) return { kind: 'refused', why: 'platform' }
    const feed = new EventFeed(
      context,
      sink,
      (self) =>
        new Subscriber(context, sink, eventSourceFormat, { principal, wanted: [platform] }, () =>
          self.#tooSlow(),
        ),
    )
    feed.#begin(platform, request.lastEventId)
    return feed
  }

  /** Whether it is somebody for whom the test is true. */
  isFor(test: (principal: Principal) => boolean): boolean {
    return !this.#ended && test(this.#subscriber.principal)
  }

  /** The bridge stops: tells when to come back. */
  leave(retryInMs: number): void {
    this.#subscriber.nudge(eventSourceRetryIn(retryInMs))
    this.end()
  }

  /** May be called again. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelComment?.()
    this.#subscriber.end()
    this.#sink.end()
  }

  #begin(platform: Platform, lastEventId: string | undefined): void {
    const { clock, counters } = this.#context
    counters.streamStarts += 1
    const { principal, audience } = this.#subscriber
    this.#subscriber.nudge(eventSourceRetry)
    this.#subscriber.send({
      type: 'started',
      audience: audience.name,
      as: identity(principal),
      at: clock.now(),
    })
    this.#subscriber.begin(sinceOf(platform, lastEventId))
    this.#armComment()
  }

  #armComment(): void {
    const { clock, limits } = this.#context
    this.#cancelComment = clock.setTimer(limits.pingEveryMs, () => {
      this.#subscriber.nudge(eventSourceComment)
      this.#armComment()
    })
  }

  #tooSlow(): void {
    this.#context.counters.streamSlow += 1
    this.end()
    this.onEnd?.()
  }
}

function sinceOf(platform: Platform, lastEventId: string | undefined): Since | undefined {
  const id = lastEventId === undefined ? undefined : parseEventId(lastEventId)
  // A computed key, since a platform may be called `__proto__`.
  return id === undefined ? undefined : { ...id, seq: { [platform]: id.seq } }
}
