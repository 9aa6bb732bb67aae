import type { Hub } from '../../hub/hub.ts'
import type { Frame, FrameSink, Outbox } from '../../hub/routing/outbox.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { Platforms } from '../../hub/field/platforms.ts'
import { hearsPlatform } from '../../hub/field/sight.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { ServerMessage, SnapshotReason } from '../../protocol/contract/stream-message.ts'
import { visibleState } from '../../protocol/field/visible-state.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Audience, Broadcast, Follower } from './broadcast.ts'
import type { Position, StreamFormat } from './formats.ts'
import { EventRendering } from './render.ts'
import type { StatusRendering } from './status.ts'
import type { StreamLimits } from './stream-limits.ts'

/** What the edge gives each subscriber. */
export interface SubscriberContext {
  readonly hub: Hub
  readonly clock: Clock
  readonly platforms: Platforms
  readonly broadcast: Broadcast
  readonly limits: StreamLimits
  readonly counters: { conflated: number }
}

/** How far a client had come before it reconnected. */
export interface Since {
  readonly epoch: string
  readonly audience: string
  readonly seq: Readonly<Record<string, number>>
}

/**
 * The hearing half of a client: first a snapshot or exactly what was missed, then events, per platform. A
 * client that reads too slowly gets no events for a while and then a snapshot that says so; one that stays
 * behind is handed to `tooSlow` (R7). There is never a silent hole.
 */
export class Subscriber implements Follower {
  readonly principal: Principal
  readonly format: StreamFormat
  readonly outbox: Outbox
  readonly audience: Audience
  readonly #context: SubscriberContext
  readonly #wanted: 'all' | ReadonlySet<string>
  readonly #tooSlow: (waitingBytes: number) => void
  readonly #behind = new Set<Platform>()
  #behindSince = 0
  #cancelCatchUp: CancelTimer | undefined
  #lastStatus = ''
  #ended = false

  constructor(
    context: SubscriberContext,
    sink: FrameSink,
    format: StreamFormat,
    client: { readonly principal: Principal; readonly wanted: 'all' | readonly string[] },
    tooSlow: (waitingBytes: number) => void,
  ) {
    this.#context = context
    this.outbox = context.hub.createOutbox(sink, client.principal)
    this.#tooSlow = tooSlow
    this.format = format
    this.principal = client.principal
    this.#wanted = client.wanted === 'all' ? 'all' : new Set(client.wanted)
    this.audience = context.broadcast.join(this)
  }

  /** Tells the state of things, then what was missed or a snapshot of each platform. Called once. */
  begin(since: Since | undefined): void {
    this.configured(this.#context.broadcast.status())
    for (const platform of this.#context.platforms.names) {
      if (this.#wants(platform)) this.#follow(platform, since)
    }
  }

  /** A message of its own; a client that can't even take that is too slow. */
  send(message: ServerMessage): void {
    this.#offer(this.#encode(message))
  }

  /** Bytes that mean nothing, to keep the line open. */
  nudge(frame: Frame): void {
    this.outbox.offer(frame)
  }

  deliver(platform: Platform, frame: Frame): void {
    if (this.#behind.has(platform)) return
    const { waitingBytes } = this.outbox
    if (waitingBytes > this.#context.limits.conflateBytes || this.outbox.offer(frame) === 'slow') {
      this.#fallBehind(platform)
    }
  }

  gapFrame(platform: Platform): Frame | undefined {
    return this.#snapshotFrame(platform, 'gap')
  }

  appeared(platform: Platform, status: StatusRendering): void {
    this.configured(status)
    if (this.#wants(platform)) this.#follow(platform, undefined)
  }

  vanished(platform: Platform): void {
    this.#behind.delete(platform)
  }

  configured(status: StatusRendering): void {
    const text = status.textFor(this.principal)
    if (text.json === this.#lastStatus) return
    this.#lastStatus = text.json
    this.#offer(this.format.encodeText(text, this.#position))
  }

  /** Writes what waits and takes nothing more. May be called again. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelCatchUp?.()
    this.outbox.flush()
    this.#context.broadcast.leave(this)
    this.outbox.close()
  }

  #wants(platform: Platform): boolean {
    return (this.#wanted === 'all' || this.#wanted.has(platform)) && hearsPlatform(this.principal, platform)
  }

  #follow(platform: Platform, since: Since | undefined): void {
    // What it was told before may have been too much for it.
    if (this.#ended) return
    this.audience.follow(platform, this)
    const seq = since !== undefined && Object.hasOwn(since.seq, platform) ? since.seq[platform] : undefined
    if (since === undefined || seq === undefined) this.#snapshot(platform, 'start')
    else if (!this.#replay(platform, since, seq)) this.#snapshot(platform, 'gap')
  }

  /** False: not everything that was missed is known, or it is more than one client gets at once. */
  #replay(platform: Platform, since: Since, seq: number): boolean {
    const { platforms, limits } = this.#context
    if (since.epoch !== platforms.epoch || since.audience !== this.audience.name) return false
    const missed = platforms.resume(platform, seq)
    if (missed === 'gap') return false
    const frames = missed
      .map((event) => this.audience.encode(new EventRendering(event)))
      .filter((frame): frame is Frame => frame !== undefined)
    const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0)
    if (bytes + this.outbox.waitingBytes > limits.replayBytes) return false
    for (const frame of frames) this.deliver(platform, frame)
    return true
  }

  #snapshot(platform: Platform, reason: SnapshotReason): void {
    const frame = this.#snapshotFrame(platform, reason)
    if (frame !== undefined && this.outbox.offer(frame) === 'slow') this.#fallBehind(platform)
  }

  #snapshotFrame(platform: Platform, reason: SnapshotReason): Frame | undefined {
    const { platforms, clock } = this.#context
    const now = platforms.now(platform)
    if (now === undefined) return undefined
    const state = visibleState(now.state, this.audience.sight(platform))
    return this.#encode({ type: 'snapshot', platform, seq: now.seq, at: clock.now(), reason, state })
  }

  #fallBehind(platform: Platform): void {
    if (this.#behind.size === 0) {
      this.#behindSince = this.#context.clock.now()
      this.#armCatchUp()
    }
    this.#behind.add(platform)
  }

  #armCatchUp(): void {
    const { clock, limits } = this.#context
    if (this.#ended) return
    this.#cancelCatchUp = clock.setTimer(limits.catchUpMs, () => {
      const { waitingBytes } = this.outbox
      if (waitingBytes <= limits.conflateBytes / 4) this.#catchUp()
      else if (clock.now() - this.#behindSince >= limits.slowMs) this.#tooSlow(waitingBytes)
      else this.#armCatchUp()
    })
  }

  #catchUp(): void {
    // What was said so far is in the snapshot.
    this.outbox.hear()
    const platforms = [...this.#behind]
    this.#behind.clear()
    this.#context.counters.conflated += 1
    for (const platform of platforms) this.#snapshot(platform, 'conflated')
  }

  #offer(frame: Frame): void {
    if (this.outbox.offer(frame) === 'slow') this.#tooSlow(this.outbox.waitingBytes)
  }

  #encode(message: ServerMessage): Frame {
    return this.format.encode(message, this.#position)
  }

  get #position(): Position {
    return { epoch: this.#context.platforms.epoch, audience: this.audience.name }
  }
}
