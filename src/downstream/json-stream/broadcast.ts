import type { Hub } from '../../hub/hub.ts'
import type { Frame, Outbox } from '../../hub/routing/outbox.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { PlatformEvent, PlatformListener } from '../../hub/field/event.ts'
import type { Platforms } from '../../hub/field/platforms.ts'
import { audienceOf, sightOf } from '../../hub/field/sight.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Sight } from '../../protocol/field/visible-state.ts'
import type { Position, StreamFormat } from './formats.ts'
import { EventRendering } from './render.ts'
import { StatusRendering, type StatusHub } from './status.ts'

/** A client of the stream, as the broadcast sees it. */
export interface Follower {
  readonly principal: Principal
  readonly format: StreamFormat
  readonly outbox: Outbox
  deliver(platform: Platform, frame: Frame): void
  /** What it is told when there is a gap. */
  gapFrame(platform: Platform): Frame | undefined
  /** Each with how things stand now. */
  appeared(platform: Platform, status: StatusRendering): void
  configured(status: StatusRendering): void
  vanished(platform: Platform): void
}

/** The followers of a platform in one audience. */
class Following implements Iterable<Outbox> {
  readonly followers = new Map<Outbox, Follower>();

  [Symbol.iterator](): Iterator<Outbox> {
    return this.followers.keys()
  }
}

/** Followers that hear and see the same, on the same wire: an event is encoded once for all of them. */
export class Audience {
  readonly name: string
  readonly followers = new Set<Follower>()
  /** Those of each platform, so that an event of one costs nothing for who follows another. */
  readonly #following = new Map<Platform, Following>()
  readonly #format: StreamFormat
  readonly #principal: Principal
  readonly #position: Position
  readonly #sights = new Map<Platform, Sight>()
  readonly #viewers: Viewers

  constructor(principal: Principal, format: StreamFormat, epoch: string, viewers: Viewers) {
    this.#viewers = viewers
    this.name = audienceOf(principal)
    this.#format = format
    this.#position = { epoch, audience: this.name }
    // Which platforms a viewer follows is its own affair; what viewers hear of one is the same for all.
    this.#principal = principal.kind === 'viewer' ? { kind: 'viewer' } : principal
  }

  sight(platform: Platform): Sight {
    let sight = this.#sights.get(platform)
    if (sight === undefined) {
      sight = sightOf(this.#principal, platform)
      this.#sights.set(platform, sight)
    }
    return sight
  }

  follow(platform: Platform, follower: Follower): void {
    const { outbox } = follower
    // What is on its way was said before.
    outbox.hear()
    let those = this.#following.get(platform)
    if (those === undefined) {
      those = new Following()
      this.#following.set(platform, those)
    }
    those.followers.set(outbox, follower)
  }

  leave(follower: Follower): void {
    this.followers.delete(follower)
    for (const [platform, { followers }] of this.#following) {
      if (followers.delete(follower.outbox) && followers.size === 0) this.#following.delete(platform)
    }
  }

  reset(platform: Platform): void {
    const [any] = this.#following.get(platform)?.followers.values() ?? []
    this.#tell(platform, any?.gapFrame(platform))
  }

  vanished(platform: Platform): void {
    this.#sights.delete(platform)
    const those = [...(this.#following.get(platform)?.followers.values() ?? [])]
    for (const { outbox } of those) outbox.hear()
    this.#following.delete(platform)
    for (const follower of those) follower.vanished(platform)
  }

  /** Undefined when there is nothing in it for this audience. */
  encode(rendering: EventRendering): Frame | undefined {
    const { platform } = rendering.event
    const text = rendering.textFor(this.#principal, this.sight(platform))
    return text === undefined ? undefined : this.#format.encodeText(text, this.#position)
  }

  event(rendering: EventRendering): void {
    const { platform } = rendering.event
    if (this.#following.has(platform)) this.#tell(platform, this.encode(rendering))
  }

  #tell(platform: Platform, frame: Frame | undefined): void {
    const those = this.#following.get(platform)
    if (those === undefined || frame === undefined) return
    const tell = (outbox: Outbox): void => those.followers.get(outbox)?.deliver(platform, frame)
    if (this.#principal.kind === 'viewer') this.#viewers.tellViewers({ outboxes: those, tell })
    else for (const outbox of those) tell(outbox)
  }
}

/** The way to those who may be many. */
type Viewers = Pick<Hub, 'tellViewers'>

/** Tells every follower what happens on the platforms it follows. */
export class Broadcast implements PlatformListener {
  readonly #hub: Viewers & StatusHub
  readonly #platforms: Platforms
  readonly #audiences = new Map<StreamFormat, Map<string, Audience>>()
  readonly stop: () => void

  constructor(platforms: Platforms, hub: Viewers & StatusHub) {
    this.#hub = hub
    this.#platforms = platforms
    this.stop = platforms.listen(this)
  }

  /** The audience that this principal belongs to on this wire. */
  join(follower: Follower): Audience {
    const name = audienceOf(follower.principal)
    let audiences = this.#audiences.get(follower.format)
    if (audiences === undefined) {
      audiences = new Map()
      this.#audiences.set(follower.format, audiences)
    }
    let audience = audiences.get(name)
    if (audience === undefined) {
      audience = new Audience(follower.principal, follower.format, this.#platforms.epoch, this.#hub)
      audiences.set(name, audience)
    }
    audience.followers.add(follower)
    return audience
  }

  leave(follower: Follower): void {
    const audiences = this.#audiences.get(follower.format)
    const audience = audiences?.get(audienceOf(follower.principal))
    audience?.leave(follower)
    if (audience?.followers.size === 0) audiences?.delete(audience.name)
  }

  event(event: PlatformEvent): void {
    if (this.#audiences.size === 0) return
    const rendering = new EventRendering(event)
    this.#eachAudience((audience) => audience.event(rendering))
  }

  reset(platform: Platform): void {
    this.#eachAudience((audience) => audience.reset(platform))
  }

  appeared(platform: Platform): void {
    const status = this.status()
    this.#each((follower) => follower.appeared(platform, status))
  }

  vanished(platform: Platform): void {
    this.#eachAudience((audience) => audience.vanished(platform))
  }

  configured(): void {
    const status = this.status()
    this.#each((follower) => follower.configured(status))
  }

  /** How things stand now, to be written for any number of followers. */
  status(): StatusRendering {
    return new StatusRendering(this.#hub, this.#platforms)
  }

  #each(tell: (follower: Follower) => void): void {
    this.#eachAudience(({ followers }) => [...followers].forEach(tell))
  }

  #eachAudience(tell: (audience: Audience) => void): void {
    for (const audiences of this.#audiences.values())
      for (const audience of audiences.values()) tell(audience)
  }
}
