import type {
  DeskProgress,
  DeskRequest,
  DeskSettings,
  KeyAnswer,
  KeyRequest,
  SaveAnswer,
} from '../../protocol/contract/desk.ts'
import { defined } from '../../protocol/defined.ts'

/** `used`: this tab has no key, and the word in its address is worth nothing any more. */
export type Asked<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'used' | 'gone' }

/** Of this tab alone, and of this port: another page, also of another program on this computer, can't read it. */
const keyName = 'bridge-settings-key'

/** The bridge's side of the settings page (protocol/contract/desk.ts). Never rejects. */
export class DeskApi {
  readonly #fetch: typeof fetch

  constructor(fetchWith: typeof fetch) {
    this.#fetch = fetchWith
  }

  /** Exchanges the word in the page's address for a key, and takes it out of the address. */
  async begin(): Promise<Asked<DeskSettings>> {
    const once = window.location.hash.slice(1)
    if (once !== '') {
      const answer = await this.#ask<KeyAnswer>('POST', '/api/key', { once } satisfies KeyRequest)
      if (answer.kind === 'gone') return answer
      window.history.replaceState(null, '', window.location.pathname)
      if (answer.kind === 'ok') window.sessionStorage.setItem(keyName, answer.value.key)
    }
    return this.settings()
  }

  settings(): Promise<Asked<DeskSettings>> {
    return this.#ask('GET', '/api/settings')
  }

  save(request: DeskRequest): Promise<Asked<SaveAnswer>> {
    return this.#ask('POST', '/api/settings', request)
  }

  /** Tells each step as it comes; resolves when the last one was told, or the signal ended it, or there is nobody to ask. */
  async check(
    request: DeskRequest,
    tell: (progress: DeskProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const response = await this.#send('POST', '/api/check', request, signal)
      const reader = response.ok ? response.body?.getReader() : undefined
      const decoder = new TextDecoder()
      let rest = ''
      while (reader !== undefined) {
        const { done, value } = await reader.read()
        if (done) return
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
        rest = lines.pop() ?? ''
        // Our own bridge, of the same version: its types are ours.
        if (!signal.aborted) lines.forEach((line) => tell(JSON.parse(line) as DeskProgress))
      }
    } catch {
      // Ended, or gone: the form says so when it is sent.
    }
  }

  async #ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Asked<T>> {
    try {
      const response = await this.#send(method, path, body)
      if (response.ok) return { kind: 'ok', value: (await response.json()) as T }
      return { kind: response.status === 401 || response.status === 403 ? 'used' : 'gone' }
    } catch {
      return { kind: 'gone' }
    }
  }

  #send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    return this.#fetch(path, {
      method,
      cache: 'no-store',
      credentials: 'omit',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...defined({ signal }),
      headers: {
        Authorization: `Bearer ${window.sessionStorage.getItem(keyName) ?? ''}`,
        'Accept-Language': document.documentElement.lang,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
    })
  }
}
