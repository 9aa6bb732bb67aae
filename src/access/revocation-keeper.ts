import type { Principal } from '../hub/people/permissions.ts'
import type { UpstreamLink } from '../hub/upstream-link.ts'
import type { Publication } from '../protocol/publication.ts'
import { bridgeSaying, bridgeTopic, maxBridges } from '../protocol/contract/bridge-topic.ts'
import type { Topic } from '../protocol/topic.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { Revocations, type Revocation } from './revocations.ts'

/** Milliseconds after the link is up in which the broker has surely replayed what it has stored. */
const replayMs = 500
/** Milliseconds more for the answers of the other bridges, where the broker isn't known to replay anything. */
const answersMs = 1_000
/** Milliseconds after the start that anybody with a token waits for that at most: a broken link locks nobody out. */
const startWaitMs = 3_000
/** Milliseconds between two changes of ours on the broker: a hand that revokes seat by seat is one change. */
const publishDelayMs = 100
/** Milliseconds that an answer of success waits for the other bridges. */
export const confirmMs = 2_000
/** HiveMQ Cloud forgets retained publications after three days (docs/platforms.md 3.3). */
const repeatMs = 86_400_000

const untilRestart = 'what was revoked holds until the next restart only'
const nextStep =
  'Set BRIDGE_JOURNAL_DIR to a folder that outlives restarts, or change BRIDGE_SECRET, which ends all links.'

const nothing = new Uint8Array()

/** What was revoked, on a disk that outlives restarts. */
export interface RevocationFile {
  /** What was written last; undefined when there is nothing, or it can't be read. Never rejects. */
  read(): Promise<Uint8Array | undefined>
  /** Whether it is on the disk now. Never rejects. */
  write(bytes: Uint8Array): Promise<boolean>
}

/** How far a revocation has come. */
export type Reach =
  /** It holds on every bridge that is connected now, and on those that come later. */
  | { readonly kind: 'everywhere' }
  /** It holds here; these bridges haven't said that they have it. None: the broker can't be reached. */
  | { readonly kind: 'here'; readonly unconfirmed: readonly string[] }
  /** It holds on every bridge, and may be forgotten when they restart. */
  | { readonly kind: 'untilRestart' }

export interface RevocationKeeperOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  readonly log: Logger
  /** This bridge among others on the broker. */
  readonly identity: { readonly name: string; readonly id: string }
  /** The other bridges that are connected to the broker now. */
  readonly others: () => readonly { readonly name: string; readonly id: string }[]
  /** Whether the broker tells who comes later what it has stored; undefined: it isn't known yet. */
  readonly replays: () => boolean | undefined
  readonly file?: RevocationFile
}

/**
 * Remembers what was revoked where a restart doesn't reach: retained at the broker, on `owlcms/bridge/<name>/revoked`,
 * and in a file where the disk stays. Each bridge reads all of these topics and tells in its own everything it knows, also
 * when another one comes: so they agree too where the broker replays nothing.
 *
 * What holds: a revocation counts at once on this bridge; on others when the broker has passed it on, which
 * {@link reach} waits for. After a start tokens wait until the file is read and the broker has replayed what it stored, or the
 * other bridges have said it, 3 s at most; should the link come up later than that, a revoked token may hold until then (no
 * press gets through meanwhile), and is cut off at once after. Without a file, a revocation made while the link
 * is down is lost if this process ends before the link is back.
 */
export class RevocationKeeper {
  /** Told when something new was revoked: who holds such a token must go. */
  onRevoked: () => void = () => undefined
  readonly #options: RevocationKeeperOptions
  readonly #topic: Topic
  readonly #revocations = new Revocations()
  #heardOwn = new Revocations()
  /** What other bridges said they know, by their ids. */
  readonly #told = new Map<string, Revocations>()
  /** Counts what was new; so much of it the broker has acknowledged, and so much is in the file. */
  #changes = 0
  #acknowledged = 0
  #filed = 0
  #fileWork: Promise<void>
  readonly #lookers = new Set<() => void>()
  #up = false
  #isFileRead: boolean
  #isReplayOver = false
  #known = false
  #waiting: (() => void)[] = []
  readonly #cancelStart: CancelTimer
  #cancelWait: CancelTimer = () => undefined
  #cancelPublish: CancelTimer | undefined
  #cancelRepeat: CancelTimer | undefined
  #refused = false

  constructor(options: RevocationKeeperOptions) {
    this.#options = options
    this.#topic = bridgeTopic(options.identity.name, 'revoked')
    this.#cancelStart = options.clock.setTimer(startWaitMs, () => this.#nowKnown())
    this.#armRepeat()
    this.#isFileRead = options.file === undefined
    this.#fileWork = this.#readFile()
  }

  /** The moment, in milliseconds, after which a new link must be issued so as not to be void from the start. */
  get newestAt(): number {
    return this.#revocations.newestAt
  }

  /** Whether this client's token is void. */
  voids(principal: Principal): boolean {
    return this.#revocations.voids(principal)
  }

  /** Whether the administrator signed out of this session. */
  hasSession(sessionId: string): boolean {
    return this.#revocations.hasSession(sessionId)
  }

  /** Resolves when what was revoked before the start is known, or can't be learnt in time. Never rejects. */
  whenRead(): Promise<void> {
    if (this.#known) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** `full`: nothing was revoked, since too many single records are kept already. */
  revoke(record: Revocation): 'revoked' | 'full' {
    const added = this.#revocations.add(record, this.#now())
    if (added === 'full') return 'full'
    if (added === 'added') {
      this.#options.log.info({ what: record.what }, 'revoked')
      this.#news()
    }
    return 'revoked'
  }

  /** How far this revocation has come, once it holds everywhere or {@link confirmMs} later. Never rejects. */
  reach(record: Revocation): Promise<Reach> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel()
        this.#lookers.delete(look)
        const reach = this.#reachOf(record, changes)
        if (reach.kind === 'untilRestart') this.#options.log.warn({ nextStep }, untilRestart)
        resolve(reach)
      }
      const look = (): void => {
        if (!this.#up || this.#isSettled(record, changes)) finish()
      }
      const changes = this.#changes
      const cancel = this.#options.clock.setTimer(confirmMs, finish)
      this.#lookers.add(look)
      // Somebody waits for the answer.
      if (this.#cancelPublish !== undefined && this.#isReplayOver) this.#publish()
      look()
    })
  }

  /** The link came up or went down. */
  linkChanged(up: boolean): void {
    this.#up = up
    this.#refused = false
    this.#cancelPublish?.()
    this.#cancelPublish = undefined
    this.#cancelWait()
    this.#told.clear()
    this.#look()
    if (!up) return
    this.#heardOwn = new Revocations()
    this.#cancelWait = this.#options.clock.setTimer(replayMs, () => this.#replayOver())
    // After the replay, so that what the broker knows is never overwritten by an empty memory.
    this.#armPublish(replayMs)
  }

  /** Another bridge has come, and may not have heard from the broker what was revoked. */
  companyCame(): void {
    if (this.#up) this.#armPublish(0)
  }

  /** A publication came down from the broker; others than revocations are ignored. */
  receive(publication: Publication): void {
    if (bridgeSaying('revoked', publication.topic) === undefined) return
    const now = this.#now()
    const heard = Revocations.decode(publication.payload, now)
    if (heard === undefined) {
      this.#options.log.warn({}, 'somebody else writes on the topic of the revocations')
      return
    }
    if (publication.topic === this.#topic) this.#heardOwn = heard
    this.#note(heard)
    if (this.#revocations.merge(heard, now)) this.#news()
    else if (publication.topic === this.#topic && this.#revocations.knowsMoreThan(heard)) {
      // Two instances of one name share the topic: what the other one didn't know is told again.
      this.#armPublish(publishDelayMs)
    }
    this.#look()
  }

  /** Resolves when what was revoked in the last moment is on the disk, too. Never rejects. */
  stop(): Promise<void> {
    this.#cancelWait()
    this.#cancelStart()
    this.#cancelRepeat?.()
    // What was revoked in the last moment: without waiting, but not lost.
    if (this.#cancelPublish !== undefined) this.#publish()
    this.#nowKnown()
    return this.#fileWork
  }

  #reachOf(record: Revocation, changes: number): Reach {
    if (!this.#up) return { kind: 'here', unconfirmed: [] }
    const { others, replays } = this.#options
    const missing = others().filter(({ id }) => this.#told.get(id)?.holds(record) !== true)
    if (missing.length > 0) return { kind: 'here', unconfirmed: missing.map(({ name }) => name) }
    const isKept = this.#acknowledged >= changes && replays() === true
    return isKept || this.#filed >= changes ? { kind: 'everywhere' } : { kind: 'untilRestart' }
  }

  /** Whether waiting can't make it better. */
  #isSettled(record: Revocation, changes: number): boolean {
    const { kind } = this.#reachOf(record, changes)
    const { file, replays } = this.#options
    const isForgetful = file === undefined && replays() === false
    return kind === 'everywhere' || (kind === 'untilRestart' && isForgetful && this.#acknowledged >= changes)
  }

  #news(): void {
    this.#changes += 1
    this.#armPublish(publishDelayMs)
    this.#writeFile()
    this.onRevoked()
  }

  #note(heard: Revocations): void {
    const { saidBy } = heard
    if (saidBy === undefined || saidBy === this.#options.identity.id) return
    this.#told.delete(saidBy)
    this.#told.set(saidBy, heard)
    const [oldest] = this.#told.keys()
    if (this.#told.size > maxBridges && oldest !== undefined) this.#told.delete(oldest)
  }

  #look(): void {
    for (const look of [...this.#lookers]) look()
  }

  #armPublish(delayMs: number): void {
    if (this.#cancelPublish !== undefined || this.#refused) return
    this.#cancelPublish = this.#options.clock.setTimer(delayMs, () => this.#publish())
  }

  #publish(): void {
    const { upstream, log, identity } = this.#options
    this.#cancelPublish?.()
    this.#cancelPublish = undefined
    this.#revocations.prune(this.#now())
    const payload = this.#revocations.size === 0 ? nothing : this.#revocations.encode(identity.id)
    // Nothing to say, and nothing old to take back. Without a link, its return brings us here again.
    if ((payload.byteLength === 0 && this.#heardOwn.size === 0) || !upstream.ready) return
    const changes = this.#changes
    upstream.publish({ topic: this.#topic, payload, qos: 1, retain: true }, ({ kind }) => {
      if (kind === 'delivered') this.#acknowledged = Math.max(this.#acknowledged, changes)
      this.#look()
      if (kind !== 'refused') return
      this.#refused = true
      log.warn(
        { nextStep: 'Let the broker’s user publish on owlcms/bridge/#, with retain.' },
        'the broker does not keep what was revoked',
      )
    })
  }

  async #readFile(): Promise<void> {
    const bytes = await this.#options.file?.read()
    const kept = bytes === undefined ? undefined : Revocations.decode(bytes, this.#now())
    if (kept !== undefined && this.#revocations.merge(kept, this.#now())) this.#news()
    this.#isFileRead = true
    this.#whenBoth()
  }

  /** One after the other, and each with everything known by then. */
  #writeFile(): void {
    const { file } = this.#options
    if (file === undefined) return
    this.#fileWork = this.#fileWork.then(async () => {
      const changes = this.#changes
      if (this.#filed >= changes) return
      if (await file.write(this.#revocations.encode())) this.#filed = changes
      this.#look()
    })
  }

  #armRepeat(): void {
    this.#cancelRepeat = this.#options.clock.setTimer(repeatMs, () => {
      this.#armRepeat()
      this.#armPublish(0)
    })
  }

  #replayOver(): void {
    if (this.#isReplayOver || this.#options.replays() === true) this.#nowReplayed()
    else this.#cancelWait = this.#options.clock.setTimer(answersMs, () => this.#nowReplayed())
  }

  #nowReplayed(): void {
    this.#isReplayOver = true
    this.#whenBoth()
  }

  #whenBoth(): void {
    if (this.#isReplayOver && this.#isFileRead) this.#nowKnown()
  }

  #nowKnown(): void {
    this.#known = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #now(): number {
    return this.#options.clock.wallTime()
  }
}
