import {
  maxPlatforms,
  parseOwlcmsConfig,
  type OwlcmsConfig,
  type Platform,
} from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'

/**
 * What owlcms says of itself on this connection, and with it which platforms there are. Other names come from outside: whoever
 * keeps something by platform asks here for room (R7).
 */
export class Roster {
  #config: OwlcmsConfig | undefined
  #listed: ReadonlySet<Platform> = new Set()

  /** Its last reply. */
  get config(): OwlcmsConfig | undefined {
    return this.#config
  }

  /** A publication on owlcms's config topic; the same one may come twice. False: it is no reply. */
  hear(publication: Publication): boolean {
    const config = parseOwlcmsConfig(publication.payload)
    if (config === undefined) return false
    this.#config = config
    this.#listed = new Set(config.platforms.slice(0, maxPlatforms))
    return true
  }

  /** What was said belongs to the connection that broke. */
  forget(): void {
    this.#config = undefined
    this.#listed = new Set()
  }

  /**
   * Whether there is room for this name in what somebody keeps by platform. One that owlcms lists always has it: in a full
   * map one that it doesn't list gives way, which `gone` is told.
   */
  hasRoom<V>(
    kept: Map<Platform, V>,
    name: Platform,
    gone: (name: Platform, what: V) => void = () => undefined,
  ): boolean {
    if (kept.size < maxPlatforms || kept.has(name)) return true
    if (!this.#listed.has(name)) return false
    const invented = [...kept].find(([one]) => !this.#listed.has(one))
    if (invented === undefined) return false
    kept.delete(invented[0])
    gone(...invented)
    return true
  }
}
