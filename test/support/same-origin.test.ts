import { expect, it } from 'vitest'
import { originVerdict, type OriginHeaders } from '../../src/support/same-origin.ts'

const none: OriginHeaders = {
  origin: undefined,
  host: undefined,
  forwardedHost: undefined,
  fetchSite: undefined,
}

it.each<[string, Partial<OriginHeaders>, string]>([
  ['a script tells nothing', { host: 'b.example' }, 'unknown'],
  ['our page', { origin: 'https://b.example', host: 'b.example' }, 'same'],
  [
    'our page behind a proxy that ends TLS on another port',
    { origin: 'https://b.example', host: 'b.example:443' },
    'same',
  ],
  ['our page on a port', { origin: 'http://192.168.1.5:8080', host: '192.168.1.5:8080' }, 'same'],
  ['our page, the host in capitals', { origin: 'https://b.example', host: 'B.Example' }, 'same'],
  [
    'a proxy that changes the host and says so',
    { origin: 'https://b.example', host: '10.0.0.1:8080', forwardedHost: 'b.example' },
    'same',
  ],
  ['several proxies', { origin: 'https://b.example', host: 'x', forwardedHost: 'b.example, inner' }, 'same'],
  ['a proxy that changes the host silently', { origin: 'https://b.example', host: '10.0.0.1:8080' }, 'other'],
  [
    'the same, with the address in the settings',
    { origin: 'https://public.example', host: '10.0.0.1:8080' },
    'same',
  ],
  ['another site', { origin: 'https://evil.example', host: 'b.example' }, 'other'],
  ['a Java library', { origin: 'https://my-bridge.fly.dev', host: 'my-bridge.fly.dev:443' }, 'same'],
  ['a Java library that calls https http', { origin: 'http://b.example:443', host: 'b.example' }, 'same'],
  ['a Python library', { origin: 'https://192.168.1.5:8080', host: '192.168.1.5:8080' }, 'same'],
  ['a Python library on the default port', { origin: 'https://b.example:80', host: 'b.example' }, 'same'],
  ['a page in a file', { origin: 'file://', host: 'b.example' }, 'other'],
  ['a page without a host, to no host', { origin: 'file://', host: '' }, 'other'],
  ['a sandboxed frame, to a host that is none', { origin: 'null', host: 'b example' }, 'other'],
  ['another port', { origin: 'https://b.example:444', host: 'b.example' }, 'other'],
  ['a name that only begins alike', { origin: 'https://b.example.evil', host: 'b.example' }, 'other'],
  ['a sandboxed frame', { origin: 'null', host: 'b.example' }, 'other'],
  ['no origin at all', { origin: '', host: 'b.example' }, 'other'],
  ['the browser says same origin', { fetchSite: 'same-origin', host: 'b.example' }, 'same'],
  ['the browser says cross site', { fetchSite: 'cross-site', host: 'b.example' }, 'other'],
  [
    'another host of our domain',
    { fetchSite: 'same-site', origin: 'https://a.example', host: 'b.example' },
    'other',
  ],
  [
    'plain http page to our https',
    { fetchSite: 'cross-site', origin: 'http://b.example', host: 'b.example' },
    'other',
  ],
  ['typed into the address bar', { fetchSite: 'none', host: 'b.example' }, 'other'],
  [
    'the verdict fits, the origin does not',
    { fetchSite: 'same-origin', origin: 'https://x.example', host: 'b.example' },
    'other',
  ],
])('%s', (_, headers, verdict) => {
  expect(originVerdict({ ...none, ...headers }, ['https://public.example'])).toBe(verdict)
})
