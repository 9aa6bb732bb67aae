import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.tsx'
import { addMetrics, createMetricsApp, type MetricsAccess } from '../../src/http/metrics.ts'
import { viewsOf, webOptions } from './fixtures.ts'

const token = '0123456789abcdef'
const text = { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'owlcms_bridge_platforms 2\n' }

async function ask(access: MetricsAccess, authorization?: string) {
  let reads = 0
  const app = createApp(
    viewsOf(() => ({})),
    webOptions(),
  )
  addMetrics(app, access, () => {
    reads += 1
    return Promise.resolve(text)
  })
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const answer = await app.request('/metrics', { headers })
  return { status: answer.status, body: await answer.text(), headers: answer.headers, reads }
}

describe('/metrics', () => {
  it.each<[string, MetricsAccess, string | undefined, number]>([
    ['open', { kind: 'open' }, undefined, 200],
    ['switched off', { kind: 'off' }, undefined, 404],
    ['the right token', { kind: 'token', token }, `Bearer ${token}`, 200],
    ['the right token, said in another case', { kind: 'token', token }, `bearer ${token}`, 200],
    ['no token', { kind: 'token', token }, undefined, 401],
    ['a wrong token', { kind: 'token', token }, 'Bearer 0123456789abcdee', 401],
    ['a longer token', { kind: 'token', token }, `Bearer ${token}0`, 401],
    ['an empty token', { kind: 'token', token }, 'Bearer ', 401],
    ['the token as a password', { kind: 'token', token }, `Basic ${btoa(`x:${token}`)}`, 401],
  ])('%s', async (_, access, authorization, status) => {
    const answer = await ask(access, authorization)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store'])
    // Nothing is even read for a stranger.
    expect(answer.reads).toBe(status === 200 ? 1 : 0)
    expect(answer.body.includes(text.text)).toBe(status === 200)
    expect(answer.body).not.toContain(token)
    if (status === 200) expect(answer.headers.get('content-type')).toBe(text.contentType)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="metrics"')
  })

  it('that is switched off says how to switch it on', async () => {
    expect((await ask({ kind: 'off' })).body).toContain('BRIDGE_METRICS_TOKEN')
  })

  it('at its own port is the only thing there', async () => {
    const errors: unknown[] = []
    let fails = false
    const app = createMetricsApp(
      () => (fails ? Promise.reject(new Error('planted')) : Promise.resolve(text)),
      (error) => errors.push(error),
    )
    expect(await (await app.request('/metrics')).text()).toBe(text.text)
    for (const path of ['/', '/status', '/mqtt']) expect((await app.request(path)).status).toBe(404)
    fails = true
    const failed = await app.request('/metrics')
    expect([failed.status, (await failed.text()).includes('planted'), errors]).toEqual([
      500,
      false,
      [new Error('planted')],
    ])
  })
})
