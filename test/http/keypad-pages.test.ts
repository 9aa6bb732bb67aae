import { expect, test } from 'vitest'
import { createApp } from '../../src/http/app.tsx'
import { viewsOf, webOptions } from './fixtures.ts'

const app = createApp(
  viewsOf(() => ({})),
  webOptions({}),
)

test.for([
  ['/seat', 'seat', undefined],
  ['/view', 'view', undefined],
  ['/view/A', 'view', 'A'],
  ['/view/Plateau%20d%E2%80%99%C3%A9chauffement', 'view', 'Plateau d’échauffement'],
  ['/view/A%2FB', 'view', 'A/B'],
  ['/overlay', 'overlay', undefined],
  ['/overlay/A', 'overlay', 'A'],
] as const)('%s is a shell for %s, with nothing inline', async ([path, page, platform]) => {
  const response = await app.request(path)
  const text = await response.text()
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(text).toContain(`data-page="${page}"`)
  expect(/data-platform="([^"]*)"/.exec(text)?.[1]).toBe(platform)
  expect(text).not.toMatch(/<style|style=|<script>|\son[a-z]+=/)
})

test('no bridge but the demo’s hands out seats on a page', async () => {
  expect((await app.request('/demo')).status).toBe(404)
})

test('a platform’s name cannot break out of the page', async () => {
  const text = await (await app.request(`/view/${encodeURIComponent('"><script>alert(1)</script>')}`)).text()
  expect(text).not.toContain('<script>alert')
})

test.for([
  ['/assets/keypad.css', 'text/css; charset=utf-8'],
  ['/assets/keypad-icon.svg', 'image/svg+xml'],
  ['/assets/keypad-icon-192.png', 'image/png'],
  ['/assets/keypad.webmanifest', 'application/manifest+json'],
] as const)('%s is served as %s', async ([path, type]) => {
  const response = await app.request(path)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
})

test.for([
  ['bridge.example.org', "connect-src 'self' wss://bridge.example.org;"],
  ['127.0.0.1:8080', "connect-src 'self' wss://127.0.0.1:8080;"],
  ["evil; script-src 'unsafe-inline'", "connect-src 'self';"],
] as const)('the CSP names the page’s own WebSocket, for older Safari: host %s', async ([host, expected]) => {
  const { headers } = await app.request('/seat', { headers: { host } })
  expect(headers.get('content-security-policy')).toContain(expected)
  expect(headers.get('content-security-policy')).not.toContain('unsafe')
})
