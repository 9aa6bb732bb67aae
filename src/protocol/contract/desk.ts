import type { CheckFinding } from './console-api.ts'

/**
 * What the settings page of a bridge in the hall and the bridge say to each other, on a port that only this computer reaches. All
 * but `POST /api/key` needs the key in `Authorization: Bearer …`. No answer ever holds a password.
 */

/** `POST /api/key`: the address's own word, good once, for the key of this tab; 403 when it was used before. */
export interface KeyRequest {
  readonly once: string
}

export interface KeyAnswer {
  readonly key: string
}

/** Where owlcms and the devices meet: at a broker, or at this bridge itself. */
export type MeetingPlace = 'broker' | 'own'

/** `GET /api/settings` */
export interface DeskSettings {
  /** Undefined while nobody has chosen. */
  readonly place?: MeetingPlace
  readonly server: string
  readonly port: string
  readonly username: string
  /** There is a password for this server and this user name, and it need not be typed again. */
  readonly hasPassword: boolean
  /** There is a password for the console alone. */
  readonly hasAdminPassword: boolean
  /** Where they are kept. */
  readonly file: string
  /** How owlcms and boxes reach a bridge that is the broker, the likeliest first. */
  readonly reach: { readonly hosts: readonly string[]; readonly port: number }
  readonly serving: Serving
}

/** How the bridge is faring; `port`: where its pages are. `failed`: why it could not start, as a system's word. */
export type Serving =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'serving'; readonly port: number }
  | { readonly kind: 'faulty'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly port?: number }

/** `POST /api/check` and `POST /api/settings`: what stands in the form. A password that is absent stays as it is. */
export interface DeskRequest {
  readonly place: MeetingPlace
  readonly server: string
  readonly port: string
  readonly username: string
  readonly password?: string | undefined
  readonly adminPassword?: string | undefined
}

/** `POST /api/check` answers with one of these a line, as it goes (NDJSON); who hangs up ends the check. */
export type DeskProgress =
  | { readonly kind: 'begins'; readonly title: string }
  | { readonly kind: 'found'; readonly finding: CheckFinding }
  | { readonly kind: 'done'; readonly outcome: 'ok' | 'trouble' | 'settings' }

/** `POST /api/settings` */
export type SaveAnswer =
  /** Kept, and the bridge runs with them, or says why it doesn't. */
  | { readonly kind: 'saved'; readonly serving: Serving }
  /** Nothing was changed. */
  | { readonly kind: 'faulty'; readonly findings: readonly CheckFinding[] }
  | { readonly kind: 'notKept'; readonly code: string }
