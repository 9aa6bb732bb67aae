import { expect, it } from 'vitest'
import { runUntilSignal, type Running } from '../../src/commands/run-until-signal.ts'
import { eventually } from '../support/eventually.ts'
import { recordingLog } from '../support/silent-log.ts'

it('stops in order, with a farewell, also where the signal comes while it starts', async () => {
  let signal: (name: 'SIGTERM' | 'SIGINT') => void = () => undefined
  const { log, lines } = recordingLog()
  const happened: string[] = []
  let begun: (running: Running) => void = () => undefined
  const run = runUntilSignal(
    {
      onCrash: () => undefined,
      stayAlive: () => () => undefined,
      onSignal: (listener) => (signal = listener),
      farewellFacts: () => ({ uptimeSeconds: 1, memoryMegabytes: 1, peakMegabytes: 1, heapMegabytes: 1 }),
      exit: (code) => {
        happened.push(`exit ${code}`)
        return undefined as never
      },
    },
    log,
    () => new Promise<Running>((resolve) => (begun = resolve)),
  )
  signal('SIGTERM')
  // As Heroku says it.
  signal('SIGTERM')
  expect(happened).toEqual([])
  begun({
    stop: (options) => {
      happened.push(`stop ${options?.farewell ?? ''}`)
      return Promise.resolve(undefined)
    },
  })
  await run
  await eventually(() => expect(happened).toEqual(['stop restarting', 'exit 0']))
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['stopping', 'stopped'])
})
