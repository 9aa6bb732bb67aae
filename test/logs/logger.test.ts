import { describe, expect, it } from 'vitest'
import { createLogger, logLevels, type LogLevel } from '../../src/support/logger.ts'

interface Line {
  readonly level: string
  readonly msg: string
  readonly part?: string
}

function recorded(level: LogLevel) {
  const lines: Line[] = []
  const log = createLogger(level, { write: (text: string) => void lines.push(JSON.parse(text) as Line) })
  return { log, lines }
}

describe('the log', () => {
  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)(
    'at level %s writes %j, set at the start or later, for children made before',
    (level, written) => {
      for (const start of logLevels) {
        const { log, lines } = recorded(start)
        const child = log.child({ part: 'gateway' }).child({ more: 1 })
        log.setLevel(level)
        for (const each of ['debug', 'info', 'warn', 'error'] as const) child[each]({}, 'said')
        expect(lines.map((line) => line.level)).toEqual(written)
      }
    },
  )

  it('changes for the whole family when a child is told', () => {
    const { log, lines } = recorded('error')
    log.child({ part: 'gateway' }).setLevel('info')
    log.child({ part: 'stream' }).info({}, 'heard')
    expect(lines).toMatchObject([{ level: 'info', part: 'stream', msg: 'heard' }])
  })

  it('remembers its last 500 lines as they were written, of all the family, and no secret', () => {
    const { log } = recorded('info')
    const child = log.child({ part: 'gateway' })
    for (let line = 0; line < 1_700; line += 1) child.info({ line }, 'said')
    child.debug({}, 'not written')
    log.warn({ password: 'planted', stack: 'x'.repeat(10_000) }, 'long')
    log.error({ client: { password: 'planted' } }, 'last')
    const recent = log.recent()
    expect(recent).toHaveLength(500)
    expect(recent.slice(-3)).toEqual([
      {
        time: expect.any(Number) as number,
        level: 'info',
        message: 'said',
        facts: '{"part":"gateway","line":1699}',
      },
      { time: expect.any(Number) as number, level: 'warn', message: 'long', facts: '{"shortened":true}' },
      {
        time: expect.any(Number) as number,
        level: 'error',
        message: 'last',
        facts: '{"client":{"password":"[hidden]"}}',
      },
    ])
    expect(Math.abs((recent.at(-1)?.time ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  it('is one JSON object a line, with the time as people read it', () => {
    const { log, lines } = recorded('info')
    log.info({ port: 8080 }, 'listening')
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
        port: 8080,
        msg: 'listening',
      },
    ])
  })
})
