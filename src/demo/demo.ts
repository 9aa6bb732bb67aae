import { startShow } from '../simulator/show.ts'
import type { Clock } from '../support/clock.ts'
import { errorText } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'

/** What the demo tells the bridge, which is the broker itself, on 127.0.0.1. */
export interface DemoBridgeSettings {
  readonly username: string
  readonly password: string
  /** Port for HTTP; 0 for any free one. */
  readonly port: number
  /** Where the reader of `/demo` is the referees; absent: there is no such page. */
  readonly demoPlatform?: string
}

/** Something that runs until it is stopped. */
export interface Running {
  stop(): Promise<unknown>
}

export interface DemoOptions {
  /** Port of the bridge; a free one unless told. */
  readonly port?: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly clock: Clock
  readonly log: Logger
  /** Resolves when the bridge listens, with the port it got. */
  readonly startBridge: (settings: DemoBridgeSettings) => Promise<DemoBridge>
}

/** The bridge, as the demo needs it. */
export interface DemoBridge extends Running {
  readonly port: number
  /** Where owlcms connects, with plain MQTT. */
  readonly owlcmsPort: number
}

export interface Demo {
  /** The one address to open. */
  readonly url: string
  /** What to print for the user. Contains the password of this run, which is good for nothing else. */
  readonly lines: readonly string[]
  /** Ends everything in order within 2 s; never rejects, and a second call does no more. */
  stop(): Promise<void>
}

/** A plays by itself; on B the reader of the first page is the referees. */
const platforms = { A: 'robots', B: 'humans' } as const
const handsOn = 'B'
const username = 'demo'
/** Three steps at most this long each keep the stop within 2 s. */
const stepMs = 600

/**
 * Runs a whole competition in one process: the bridge, and a simulated owlcms that it is the broker of. Platform A plays by itself,
 * on platform B people are the referees. Needs no setting and no network.
 * @throws what `startBridge` throws.
 */
export async function runDemo(options: DemoOptions): Promise<Demo> {
  const { clock, log, random } = options
  const password = makePassword(random)
  const bridge = await options.startBridge({
    username,
    password,
    port: options.port ?? 0,
    demoPlatform: handsOn,
  })
  const host = '127.0.0.1'
  const show = startShow({
    platforms,
    clock,
    random,
    log,
    owlcms: { address: { transport: 'tcp', host, port: bridge.owlcmsPort }, username, password },
    // The officials' devices take the way of the hall: through the bridge, as any device does.
    devices: { address: { transport: 'ws', host, port: bridge.port, path: '/mqtt' }, username, password },
  })
  const stopAll = async () => {
    for (const part of [show, bridge]) await stopWithin(clock, part, log)
  }
  let stopped: Promise<void> | undefined
  const url = `http://localhost:${bridge.port}/demo`
  return { url, lines: describe(bridge.port, password), stop: () => (stopped ??= stopAll()) }
}

/** Stops one part, or goes on without it when it takes too long or fails. */
export async function stopWithin(clock: Clock, part: Running, log: Logger): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.setTimer(stepMs, resolve)
    part
      .stop()
      .catch((error: unknown) =>
        log.warn({ error: errorText(error) }, 'a part of the demo did not stop cleanly'),
      )
      .finally(() => {
        cancel()
        resolve()
      })
  })
}

/** Easy to type; guards nothing but this run on this machine. */
export function makePassword(random: () => number): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return Array.from({ length: 12 }, () => letters.charAt(Math.floor(random() * letters.length))).join('')
}

function describe(port: number, password: string): string[] {
  const at = `http://localhost:${port}`
  return [
    'The demo is running: a simulated owlcms with platforms A and B, and the bridge, which is its broker.',
    '',
    `  Open               ${at}/demo`,
    '',
    `On that page you are the referees of platform ${handsOn}. Platform A plays by itself. Also:`,
    '',
    `  Public page        ${at}/`,
    `  Stage display      ${at}/view/A`,
    `  Organiser          ${at}/console   password ${password}`,
    `  Connect a device   ws://localhost:${port}/mqtt   user demo   password ${password}`,
    '  Stop               Ctrl-C',
  ]
}
