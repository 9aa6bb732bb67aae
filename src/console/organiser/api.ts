import type {
  ApiError,
  CheckFinding,
  CodesAnswer,
  DecideRequest,
  LightCheckRequest,
  LinksAnswer,
  LinksRequest,
  LoginRequest,
  MessagesAnswer,
  LogAnswer,
  LogLevelRequest,
  Overview,
  RevokeRequest,
  SessionAnswer,
  SettingsAddressAnswer,
  StreamTokenAnswer,
} from '../../protocol/contract/console-api.ts'
import { giveUpAfter } from '../browser/give-up.ts'

/** What became of a request. `text` of `refused` comes from the bridge, in words for people. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** No or an old cookie. */
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'unreachable' }

/** Longer than a check of all steps may take (the doctor stops after about 30 s). */
const slowPatienceMs = 60_000
/** The rest answers from memory. */
const patienceMs = 8_000
/** When the bridge says "too many" without saying how long. */
const defaultWaitSeconds = 30

/** The organiser's API (protocol/contract/console-api.ts). Never rejects: whatever happens is an {@link Answer}. */
export class Api {
  readonly #fetch: typeof fetch

  constructor(fetchWith: typeof fetch) {
    this.#fetch = fetchWith
  }

  session(): Promise<Answer<SessionAnswer>> {
    return this.#ask('GET', '/api/session')
  }

  login(body: LoginRequest): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/login', body)
  }

  logout(): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/logout', {})
  }

  streamToken(): Promise<Answer<StreamTokenAnswer>> {
    return this.#ask('GET', '/api/stream-token')
  }

  overview(): Promise<Answer<Overview>> {
    return this.#ask('GET', '/api/overview')
  }

  messages(): Promise<Answer<MessagesAnswer>> {
    return this.#ask('GET', '/api/messages')
  }

  links(body: LinksRequest): Promise<Answer<LinksAnswer>> {
    return this.#ask('POST', '/api/seats/links', body)
  }

  codes(): Promise<Answer<CodesAnswer>> {
    return this.#ask('GET', '/api/seats/codes')
  }

  revoke(body: RevokeRequest): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/seats/revoke', body)
  }

  decide(body: DecideRequest): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/seats/decide', body)
  }

  lightCheck(body: LightCheckRequest): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/light-check', body)
  }

  log(): Promise<Answer<LogAnswer>> {
    return this.#ask('GET', '/api/log')
  }

  settingsAddress(): Promise<Answer<SettingsAddressAnswer>> {
    return this.#ask('POST', '/api/settings-address', {})
  }

  logLevel(body: LogLevelRequest): Promise<Answer<undefined>> {
    return this.#ask('POST', '/api/log-level', body)
  }

  /** Takes up to half a minute. The list may come as it is, or as `findings`. */
  async check(): Promise<Answer<readonly CheckFinding[]>> {
    const answer = await this.#ask<readonly CheckFinding[] | { readonly findings: readonly CheckFinding[] }>(
      'GET',
      '/api/check',
      undefined,
      slowPatienceMs,
    )
    if (answer.kind !== 'ok') return answer
    return { kind: 'ok', value: 'findings' in answer.value ? answer.value.findings : answer.value }
  }

  async #ask<T>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    timeoutMs = patienceMs,
  ): Promise<Answer<T>> {
    try {
      const response = await this.#fetch(path, {
        method,
        cache: 'no-store',
        credentials: 'same-origin',
        signal: giveUpAfter(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          // What the reader chose here, whatever the browser would ask for.
          'Accept-Language': document.documentElement.lang,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
      })
      return await read(response)
    } catch {
      return { kind: 'unreachable' } // Network, time-out or no JSON: the reader can do the same about each.
    }
  }
}

async function read<T>(response: Response): Promise<Answer<T>> {
  if (response.ok) {
    // Our own server, of the same version: its types are ours.
    const value = response.status === 204 ? undefined : ((await response.json()) as unknown)
    return { kind: 'ok', value: value as T }
  }
  const error = await errorOf(response)
  if (response.status === 401) return { kind: 'signedOut' }
  if (response.status === 429) {
    const seconds = Number(response.headers.get('Retry-After'))
    return { kind: 'wait', seconds: seconds > 0 ? Math.ceil(seconds) : defaultWaitSeconds }
  }
  if (error === undefined) return { kind: 'unreachable' }
  return { kind: 'refused', text: error.text }
}

async function errorOf(response: Response): Promise<ApiError | undefined> {
  const body = (await response.json().catch(() => undefined)) as { readonly error?: ApiError } | undefined
  return body?.error
}
