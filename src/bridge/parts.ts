import { buildAccess, type Access } from './access.ts'
import type { BridgeDependencies } from './dependencies.ts'
import { buildEdges } from './edges.ts'
import { buildJournal, type JournalParts } from './journal.ts'
import { RevokedInFile } from './keepsakes.ts'
import { lightCheckOf } from './light-check.ts'
import { seatDevices } from './views/overview.ts'
import type { Config } from '../config/config.ts'
import { GuestBook } from '../downstream/guests/guest-book.ts'
import type { JsonStream } from '../downstream/json-stream/stream.ts'
import type { MqttGateway } from '../downstream/mqtt-gateway/gateway.ts'
import { Hub } from '../hub/hub.ts'
import type { LightCheck } from '../hub/press/light-check.ts'
import { SeatStatisticsBook } from '../hub/press/seat-statistics.ts'
import { bridgeTopic } from '../protocol/contract/bridge-topic.ts'
import { stateOf } from '../protocol/contract/bridge-state.ts'
import type { PressReport } from '../protocol/contract/press-report.ts'
import type { Publication } from '../protocol/publication.ts'
import { defined } from '../protocol/defined.ts'
import { ClockWatch } from '../support/clock-watch.ts'
import { defaultClientLimits, type ClientLimits } from '../support/limits.ts'
import type { Logger } from '../support/logger.ts'
import { Standstill } from '../support/standstill.ts'
import { LoginBudget } from '../support/login-budget.ts'
import { OwnBroker } from '../upstream/own-broker.ts'
import { ReplayTest } from '../upstream/replay.ts'
import { createUpstream, type Upstream } from '../upstream/upstream.ts'

/** What the bridge says of itself at the broker. */
interface OwnWords {
  /** Of this process, as in its state; tells it from others of the same name. */
  readonly id: string
  /** The bridge's state as it is told now; "since" follows the machine's clock. */
  readonly online: () => Publication
  readonly offline: Publication
}

/** The parts with a life of their own. */
export interface Parts extends JournalParts, OwnWords {
  readonly upstream: Upstream
  readonly hub: Hub
  readonly access: Access
  readonly lightCheck: LightCheck
  readonly statistics: SeatStatisticsBook
  readonly gateway: MqttGateway
  readonly stream: JsonStream
  readonly limits: ClientLimits
  readonly guests: GuestBook
  /** Tells when the machine's clock jumps. */
  readonly clockWatch: ClockWatch
  /** Tells when this process stood still. */
  readonly standstill: Standstill
  readonly replay: ReplayTest
}

/** Builds them all; nothing runs yet. */
export function buildParts(config: Config, dependencies: BridgeDependencies): Parts {
  const { clock, log } = dependencies
  const words = ownWords(config.name, dependencies)
  const { id, offline } = words
  const ownBroker = config.broker.own === undefined ? undefined : ownBrokerOf(dependencies, () => hub)
  const upstream: Upstream = ownBroker ?? linkTo(config, dependencies, words)
  const limits: ClientLimits = {
    ...defaultClientLimits,
    maxClients: config.maxClients,
    ...dependencies.limits,
  }
  const logins = new LoginBudget(clock, limits)
  const guests = new GuestBook(clock, limits, logins)
  const replay = new ReplayTest({
    clock,
    log: log.child({ part: 'upstream' }),
    topic: offline.topic,
    subscribeAgain: (granted) => upstream.subscribeAgain(granted),
  })
  const { directory } = config.journal
  const access = buildAccess(config, dependencies, {
    upstream,
    logins,
    identity: { name: config.name, id },
    others: () => hub.others.company.speaking(),
    // A bridge that is the broker itself keeps everything in memory.
    replays: () => ownBroker === undefined && replay.replays,
    ...(directory === undefined ? {} : { file: new RevokedInFile(directory, log.child({ part: 'access' })) }),
  })
  const journalParts = buildJournal(config, dependencies, () => hub)
  const { platforms } = journalParts
  const standstill = new Standstill(clock, (stoodMs) => {
    log.warn({ stoodMs: Math.round(stoodMs) }, 'this program stood still: all connections start afresh')
    upstream.stoodStill(stoodMs)
    gateway.endWhere(() => true, 'silent')
    stream.endWhere(() => true, 'silent')
  })
  const hub: Hub = new Hub({
    clock,
    upstream,
    platforms,
    identity: { name: config.name, id },
    waitedMs: () => standstill.waitedMs(),
    ...defined({ limits: dependencies.limits }),
  })
  const statistics = new SeatStatisticsBook(platforms.roster)
  hub.others.elsewhere.show(() => seatDevices({ hub, now: () => clock.now() }))
  const pressed = (report: PressReport): void => {
    journalParts.journal.pressed(report)
    statistics.note(report)
  }
  hub.ledger.listen(pressed)
  hub.others.elsewhere.listen(pressed)
  // A recording in owlcms's place need not answer.
  if (ownBroker !== undefined && dependencies.playback === undefined) {
    hub.watch.listen({
      presence: ({ kind }) => kind === 'silent' && ownBroker.silent(),
      platform: (platform, silent) => silent && ownBroker.silent(platform),
    })
  }
  const lightCheck = lightCheckOf(clock, hub, platforms)
  const { gateway, stream } = buildEdges(config, dependencies, {
    hub,
    platforms,
    access,
    guests,
    limits,
    drills: lightCheck,
  })
  return {
    ...journalParts,
    upstream,
    hub,
    access,
    lightCheck,
    statistics,
    gateway,
    stream,
    limits,
    guests,
    ...words,
    replay,
    clockWatch: new ClockWatch(clock),
    standstill,
  }
}

function ownWords(
  name: string,
  { clock, random, version }: Pick<BridgeDependencies, 'clock' | 'random' | 'version'>,
): OwnWords {
  const id = randomId(random)
  const startedAt = clock.now()
  const told = (state: 'online' | 'offline'): Publication =>
    stateOf(name, { state, version, since: Math.floor(clock.wallTime(startedAt) / 1000), id })
  return { id, online: () => told('online'), offline: told('offline') }
}

/** The link of a bridge that is the broker itself. */
function ownBrokerOf({ clock, log }: BridgeDependencies, hub: () => Hub): OwnBroker {
  return new OwnBroker({
    clock,
    log: log.child({ part: 'upstream' }),
    owlcmsAt: (topic) => hub().owlcmsAt(topic),
    settle: () => hub().settle(),
  })
}

/** The link to the broker. */
function linkTo(
  { broker, name }: Config,
  { clock, random, log }: BridgeDependencies,
  { id, offline }: OwnWords,
): Upstream {
  return createUpstream({
    ...broker,
    // Readable, and never with `_owlcms_`, which owlcms takes for itself (docs/owlcms.md 1.7).
    clientId: `owlcms-bridge-${name}-${id}`,
    will: offline,
    exactTopic: bridgeTopic(name, 'revoked'),
    clock,
    random,
    log: log.child({ part: 'upstream' }),
  })
}

/** What comes down the link goes to the hub; the hub and the gateway learn when the link changes. */
export function joinLink(parts: Parts): void {
  const { upstream, hub, access, gateway, journal, online, replay } = parts
  let up = false
  upstream.onStatus(() => {
    if (upstream.ready === up) return
    up = upstream.ready
    // The cause stands in the journal before its effects.
    journal.linkChanged(up)
    hub.linkChanged(up)
    replay.linkChanged()
    access.revocations.linkChanged(up)
    if (!up) return
    gateway.linkBack()
    // Not earlier: on a small machine it costs seconds, which the first page and the link need more.
    access.prepare()
    upstream.publish(online(), () => undefined)
  })
  upstream.onPublication(hub)
  upstream.onPublication(replay)
  hub.others.listen({
    spoke() {
      upstream.publish(online(), () => undefined)
      access.revocations.companyCame()
    },
  })
  upstream.onPublication(access.revocations)
}

/** What was told to others with the time of before is told again when the machine's clock jumps. */
export function followClock(
  { clockWatch, journal, upstream, online }: Pick<Parts, 'clockWatch' | 'journal' | 'upstream' | 'online'>,
  log: Logger,
): void {
  clockWatch.listen(({ setByMs, sleptMs }) => {
    journal.clockChanged()
    if (Math.abs(setByMs) >= Math.abs(sleptMs)) {
      const nextStep = 'Links made on this bridge before may be refused now: make new ones.'
      log.warn({ setByMs, nextStep }, 'the clock of this computer was set: all times follow it')
    } else log.warn({ sleptMs }, 'this computer slept')
    // "Since" in the state that other bridges read.
    if (upstream.ready) upstream.publish(online(), () => undefined)
  })
}

/** Tells this process from others of the same name. */
function randomId(random: () => number): string {
  return Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0')
}
