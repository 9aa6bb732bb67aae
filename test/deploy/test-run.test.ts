import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { closingLine } from '../support/plain-closing-line.ts'
import { requirement, treatment } from '../support/requirements.ts'
import { read, root } from './checkout.ts'

/** Runs one test file by the real vitest with the real reporter; the answer is what it printed and its exit code. */
async function runVitest(
  source: string,
  ci?: string,
): Promise<{ code: number; lines: readonly string[]; errors: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-vitest-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'a.test.js'), source)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'test/support/plain-closing-line.ts')}`]
  const args = [vitest, 'run', '--root', folder, '--globals', ...reporters]
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', CI: ci }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, cwd: root, timeout: 60_000 }, (error, stdout, errors) => {
      const lines = stdout.split('\n').filter((line) => line !== '')
      resolve({ code: error === null ? 0 : Number(error.code), lines, errors })
    })
  })
}

const needsNothingThere = `
  import { describeIf } from ${JSON.stringify(join(root, 'test/support/requirements.ts'))}
  const absent = { name: 'mosquitto', available: false, reason: 'needs mosquitto: apt-get install mosquitto', path: undefined }
  test('always', () => {})
  describeIf(absent)('the broker', () => {
    test('one', () => {})
    test('two', () => {})
  })`

describe('a run of the tests', () => {
  test.each([
    [{ passed: 3, failed: 0, skipped: 0 }, '3 passed, 0 failed'],
    [{ passed: 0, failed: 2, skipped: 1 }, '0 passed, 2 failed, 1 skipped'],
  ])('closes %j in one line', (counts, line) => {
    expect(closingLine(counts)).toBe(line)
  })

  test('counts what passed, failed and was skipped, and ends with the plain line', async () => {
    const source = `test('a', () => {}); test('b', () => expect(1).toBe(2)); test.skip('c', () => {})`
    const { code, lines } = await runVitest(source)
    expect([code, lines.at(-1)]).toEqual([1, '1 passed, 1 failed, 1 skipped'])
  })

  test('tries a property with lists as long as it allows', () => {
    const lengths = fc.sample(fc.array(fc.nat(), { maxLength: 100 }), 100).map((list) => list.length)
    expect(Math.max(...lengths)).toBeGreaterThan(50)
  })

  test('never says "0 failed" when something failed outside a test', async () => {
    const source = `test('a', () => {}); describe('b', () => { afterAll(() => { throw new Error('late') }); test('c', () => {}) })`
    const hook = await runVitest(source)
    const file = await runVitest(`throw new Error('does not load')`)
    expect([hook.code, hook.lines.at(-1)]).toEqual([1, '2 passed, 1 failed'])
    expect([file.code, file.lines.at(-1)]).toEqual([1, '0 passed, 1 failed'])
  })

  test('on a developer’s machine skips what needs an absent program, and says which and why at the end', async () => {
    const { code, lines } = await runVitest(needsNothingThere)
    expect([code, lines.slice(-2)]).toEqual([
      0,
      [
        'Not run: the broker (skipped, needs mosquitto: apt-get install mosquitto)',
        '1 passed, 0 failed, 2 skipped',
      ],
    ])
  })

  test('in CI fails instead', async () => {
    const { code, lines, errors } = await runVitest(needsNothingThere, 'true')
    expect([code, lines.at(-1)]).toEqual([1, '1 passed, 1 failed'])
    expect(errors).toContain('the broker > needs mosquitto: apt-get install mosquitto')
  })
})

describe('a requirement', () => {
  test('is found on the path it is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-path-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'java')
    await writeFile(path, '#!/bin/sh\n', { mode: 0o755 })
    const found = { name: 'java', available: true, reason: `found at ${path}`, path }
    expect(requirement('java', `/nowhere:${folder}`)).toEqual(found)
  })

  test('that is nowhere says what to install', () => {
    const reason = 'needs java: apt-get install default-jre-headless'
    expect(requirement('java', '/nowhere')).toEqual({
      name: 'java',
      available: false,
      reason,
      path: undefined,
    })
  })

  test.each([
    [[], 'true', 'run'],
    [['java'], 'true', 'fail'],
    [['java'], '1', 'skip'],
    [['java'], '', 'skip'],
  ] as const)('missing %j with CI=%s means %s', (missing, ci, expected) => {
    const needs = missing.map((name) => requirement(name, '/nowhere'))
    expect(treatment(needs, ci)).toBe(expected)
  })
})

test('.ci/run installs what tests may need and then runs npm cit and the interoperability suite, with CI set', () => {
  const script = read('.ci/run')
  const lines = script.split('\n').map((line) => line.trim())
  expect(lines).toContain('set -euo pipefail')
  expect(lines).toContain('export CI=true')
  expect(lines.filter((line) => line !== '').slice(-2)).toEqual(['npm cit', 'npm run test:interop'])
  expect(
    [
      'mosquitto',
      'mosquitto-clients',
      'chromium',
      'firefox-esr',
      'default-jdk-headless',
      'maven',
      'golang-go',
    ].filter((name) => !script.includes(`needed+=(${name})`)),
  ).toEqual([])
})
