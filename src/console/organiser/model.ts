import type { Overview } from '../../protocol/contract/console-api.ts'
import type { Answer, Api } from './api.ts'
import type { DeviceClock } from '../stream/parts.ts'
import type { FreshToken, StreamClient } from '../stream/stream-client.ts'
import { emptyView, type StreamView } from '../stream/stream-view.ts'
import { Store } from './store.ts'
import { emptyTail, withMessage, withPast } from './tail.ts'

/** Whether the organiser is signed in. `ended`: was, and isn't any more. */
export type SessionState = 'asking' | 'out' | 'ended' | 'impossible' | 'in'

/** What became of a try to sign in; `in` shows by itself. */
export type SignIn =
  | { readonly kind: 'in' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly text: string }

export interface ModelOptions {
  readonly api: Api
  readonly clock: DeviceClock
  /** A line to `/ws` that is not connected yet. */
  readonly openStream: (token: FreshToken) => StreamClient
  /** Connects it and tells it what happens to the page; the answer ends that. */
  readonly followPage: (stream: StreamClient) => () => void
}

/** Between two looks at the overview; a light check is watched more closely, as officials wait for it. */
const lookEveryMs = 2_000
const watchEveryMs = 500

/** What the console knows, in stores that its parts draw from; asks the bridge while the organiser is signed in. */
export class ConsoleModel {
  readonly session = new Store<SessionState>('asking')
  readonly overview = new Store<Overview | undefined>(undefined)
  /** When the bridge last answered, while it doesn't; milliseconds on our clock. */
  readonly staleSince = new Store<number | undefined>(undefined)
  readonly live = new Store<StreamView>(emptyView)
  readonly tail = new Store(emptyTail)
  readonly api: Api
  readonly #options: ModelOptions
  #stream: StreamClient | undefined
  #unfollow: () => void = () => undefined
  #cancelLook: () => void = () => undefined
  #looking = false
  #answeredAt: number

  constructor(options: ModelOptions) {
    this.#options = options
    this.api = options.api
    this.#answeredAt = options.clock.now()
  }

  /** Asks who we are, until the bridge answers. */
  async begin(): Promise<void> {
    const answer = await this.api.session()
    if (answer.kind !== 'ok') {
      this.#unanswered()
      this.#options.clock.setTimer(lookEveryMs, () => void this.begin())
      return
    }
    this.#answered()
    const { admin, loginPossible } = answer.value
    if (admin) this.#enter()
    else this.session.set(loginPossible ? 'out' : 'impossible')
  }

  async signIn(password: string): Promise<SignIn> {
    const answer = await this.api.login({ password })
    switch (answer.kind) {
      case 'ok':
        this.#enter()
        return { kind: 'in' }
      case 'signedOut':
        return { kind: 'wrong' }
      case 'wait':
      case 'refused':
      case 'unreachable':
        return answer
      default:
        return answer satisfies never
    }
  }

  /** Nothing of the hall stays on the screen, whether or not the bridge heard it. */
  async signOut(): Promise<void> {
    await this.api.logout()
    this.#leave('out')
  }

  /** Now on the bridge's clock, as far as known. */
  bridgeNow(): number {
    return this.#stream?.bridgeNow() ?? this.#options.clock.now()
  }

  /** A moment of the bridge's clock on this device's. */
  ownTime(at: number): number {
    return at - (this.bridgeNow() - this.#options.clock.now())
  }

  /** Looks at the overview now; also keeps looking. */
  async refresh(): Promise<void> {
    if (this.#looking || !this.#isIn()) return
    this.#looking = true
    this.#cancelLook()
    const answer = await this.heed(this.api.overview())
    this.#looking = false
    if (!this.#isIn()) return
    if (answer.kind === 'ok') {
      this.#answered()
      this.overview.set(answer.value)
    } else this.#unanswered()
    const checking = this.overview.value?.platforms.some(({ lightCheck }) => lightCheck?.state === 'running')
    this.#cancelLook = this.#options.clock.setTimer(
      checking === true ? watchEveryMs : lookEveryMs,
      () => void this.refresh(),
    )
  }

  /** The answer; where it says that we are signed out, the console shows so. */
  async heed<T>(asking: Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await asking
    if (answer.kind === 'signedOut' && this.#isIn()) this.#leave('ended')
    return answer
  }

  #isIn(): boolean {
    return this.session.value === 'in'
  }

  #enter(): void {
    this.session.set('in')
    const stream = this.#options.openStream(async () => {
      const answer = await this.heed(this.api.streamToken())
      if (answer.kind === 'ok') return answer.value
      return answer.kind === 'signedOut' ? 'signedOut' : undefined
    })
    this.#stream = stream
    stream.subscribe(() => {
      if (this.#stream !== stream) return
      const isNews = String(stream.view.silent) !== String(this.live.value.silent)
      this.live.set(stream.view)
      if (isNews) void this.refresh()
    })
    stream.onEvent((event) => this.tail.set(withMessage(this.tail.value, event)))
    this.#unfollow = this.#options.followPage(stream)
    void this.#recall()
    void this.refresh()
  }

  /** What was said before this page listened. */
  async #recall(): Promise<void> {
    const answer = await this.heed(this.api.messages())
    if (answer.kind === 'ok' && this.#isIn()) this.tail.set(withPast(this.tail.value, answer.value.messages))
  }

  #leave(state: 'out' | 'ended'): void {
    this.#unfollow()
    this.#stream?.stop()
    this.#stream = undefined
    this.#cancelLook()
    this.overview.set(undefined)
    this.tail.set(emptyTail)
    this.live.set(emptyView)
    this.session.set(state)
  }

  #answered(): void {
    this.#answeredAt = this.#options.clock.now()
    this.staleSince.set(undefined)
  }

  #unanswered(): void {
    this.staleSince.set(this.#answeredAt)
  }
}
