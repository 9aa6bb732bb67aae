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
