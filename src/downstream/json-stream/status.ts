import type { Principal } from '../../hub/people/permissions.ts'
import type { Platforms } from '../../hub/field/platforms.ts'
import { hearsPlatform } from '../../hub/field/sight.ts'
import type { Hub } from '../../hub/hub.ts'
import { defined } from '../../protocol/defined.ts'
import { encodeServerMessage } from '../../protocol/contract/stream-message.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { MessageText } from './render.ts'

/** Of the hub, what the message `status` tells. */
export type StatusHub = Pick<Hub, 'ready'> & { readonly watch: Pick<Hub['watch'], 'presence' | 'platforms'> }

/** How things stand at one moment, written once for all who hear the same platforms. */
export class StatusRendering {
  readonly #hub: StatusHub
  readonly #platforms: Platforms
  readonly #silent: readonly Platform[]
  readonly #texts = new Map<string, MessageText>()

  constructor(hub: StatusHub, platforms: Platforms) {
    this.#hub = hub
    this.#platforms = platforms
    this.#silent = hub.watch.platforms().flatMap(({ platform, silent }) => (silent ? [platform] : []))
  }

  /** What this principal is told: no platform that it doesn't hear (R5). */
  textFor(principal: Principal): MessageText {
    const hears = (platform: Platform): boolean => hearsPlatform(principal, platform)
    const [heard, silent] = [this.#platforms.names.filter(hears), this.#silent.filter(hears)]
    const key = JSON.stringify([heard, silent])
    let text = this.#texts.get(key)
    if (text === undefined) {
      text = { type: 'status', seq: undefined, json: this.#write(heard, silent) }
      this.#texts.set(key, text)
    }
    return text
  }

  #write(platforms: readonly Platform[], silent: readonly Platform[]): string {
    const { version, jurySize } = this.#platforms.config ?? {}
    const { ready, watch } = this.#hub
    return encodeServerMessage({
      type: 'status',
      ready,
      presence: watch.presence.kind,
      ...(version === undefined ? {} : { owlcms: { version, ...defined({ jurySize }) } }),
      platforms,
      ...(silent.length === 0 ? {} : { silentPlatforms: silent }),
    })
  }
}
