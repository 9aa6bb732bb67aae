import type { ServerMessage, StreamIdentity } from '../../protocol/contract/stream-message.ts'
import { applyChanges, type VisibleState } from '../../protocol/field/visible-state.ts'
import { defined } from '../../protocol/defined.ts'
import type { Press } from './presses.ts'

/** How the line to the bridge is. */
export type LineState =
  /** Not there yet, since the page was opened. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Open, but silent for longer than it should be: no press leaves now. */
  | { readonly kind: 'checking' }
  /** It was there and broke; tried again by itself. */
  | { readonly kind: 'lost' }
  /** Ended for a reason that trying again doesn't cure; see PROTOCOL.md's close codes. */
  | { readonly kind: 'ended'; readonly code: number }

/** A press, and what stood on the page when its state was told. */
export interface SaidPress extends Press {
  readonly said: {
    /** On this device's clock. */
    readonly at: number
    readonly fence: number | undefined
    readonly drill: Drill | undefined
  }
}

export type Drill = Extract<ServerMessage, { type: 'drill' }>

/** All that a page shows; replaced at each change, never changed. */
export interface StreamView {
  readonly line: LineState
  readonly as?: StreamIdentity
  /** A press can reach the broker now, as the bridge said last. */
  readonly ready: boolean
  /** Where owlcms takes no press, since it does not answer. */
  readonly silent: 'everywhere' | readonly string[]
  /** Those that owlcms has; undefined until the bridge told. */
  readonly platforms?: readonly string[]
  /** Of the whole competition, as owlcms said. */
  readonly jurySize?: number
  readonly states: Readonly<Record<string, VisibleState>>
  readonly seat: 'held' | 'waiting' | 'unknown'
  /** The light check, while it is on. */
  readonly drill: Drill | undefined
  /** The latest press of this page, until what is said of it is over (press-over.ts). */
  readonly press?: SaidPress
}

/** Before the bridge has said anything. */
export const emptyView: StreamView = {
  line: { kind: 'connecting' },
  ready: false,
  silent: [],
  states: {},
  seat: 'unknown',
  drill: undefined,
}

/** The view after a message of the bridge. What it doesn't know changes nothing. */
export function afterMessage(view: StreamView, message: ServerMessage): StreamView {
  switch (message.type) {
    case 'started':
      return { ...view, as: message.as, seat: 'unknown' }
    case 'status':
      return {
        ...view,
        ready: message.ready,
        silent: message.presence === 'silent' ? 'everywhere' : (message.silentPlatforms ?? []),
        platforms: message.platforms,
        ...defined({ jurySize: message.owlcms?.jurySize }),
      }
    case 'snapshot':
      return withState(view, message.platform, message.state)
    case 'event':
    case 'change': {
      const state = view.states[message.platform]
      if (state === undefined || message.changed === undefined) return view
      return withState(view, message.platform, applyChanges(state, message.changed))
    }
    case 'seat':
      return { ...view, seat: message.state }
    case 'drill':
      return { ...view, drill: message.on ? message : undefined }
    case 'hello':
    case 'ack':
    case 'receipt':
    case 'error':
    case 'pong':
      return view
    default:
      message satisfies never
      return view // A newer bridge may say more.
  }
}

/** Whether a press on this platform reaches the broker, but nobody takes it. */
export function isSilent({ ready, silent }: StreamView, platform: string): boolean {
  return ready && (silent === 'everywhere' || silent.includes(platform))
}

/** Why no press from here is taken now, as far as the page knows. */
export type Hindrance =
  Exclude<LineState['kind'], 'live'> | 'notReady' | 'owlcmsSilent' | 'noPlatform' | 'owlcmsStarting'

/** What hinders a press on this platform now; undefined: nothing. The light check needs only the line. */
export function hindranceOf(view: StreamView, platform: string): Hindrance | undefined {
  const { line, drill } = view
  if (line.kind !== 'live') return line.kind
  if (drill !== undefined) return undefined
  if (!view.ready) return 'notReady'
  if (isSilent(view, platform)) return 'owlcmsSilent'
  const state = view.states[platform]
  if (state === undefined) return 'noPlatform'
  return state.owlcms.state === 'starting' ? 'owlcmsStarting' : undefined
}

function withState(view: StreamView, platform: string, state: VisibleState): StreamView {
  return { ...view, states: { ...view.states, [platform]: state } }
}

const knownTypes: readonly string[] = [
  'hello',
  'started',
  'status',
  'snapshot',
  'event',
  'change',
  'ack',
  'receipt',
  'error',
  'seat',
  'drill',
  'pong',
] satisfies readonly ServerMessage['type'][]

/** Reads the bridge's text; undefined for what this page doesn't know. The bridge is trusted to keep its own shapes. */
export function readServerMessage(text: string): ServerMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // Not the bridge's: a captive portal, perhaps.
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  const { type } = value
  return typeof type === 'string' && knownTypes.includes(type) ? (value as ServerMessage) : undefined
}
