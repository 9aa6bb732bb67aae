import { parseArgs } from 'node:util'
import { attacks } from './load/attacks.ts'
import { audience } from './load/audience.ts'
import { attackedBy, soak, type Beside, type Soaked } from './load/soak.ts'
import { percentile } from './fan-out.ts'
import { machineWords } from './machine.ts'

/**
 * npm run bench:soak [-- --minutes=1] [--only=GET] [--mixed]
 *
 * Officials play a recorded session through the shipped program while each attack of SECURITY.md goes on beside them, for
 * so many minutes each; or, `--mixed`, four platforms while 200 viewers come, go, read slowly or not at all.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    mixed: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.minutes) * 60

console.log(`${machineWords()}; ${values.minutes} min each; milliseconds\n`)
const head = ['beside them', 'presses', 'refused', 'answer p50', 'p99', 'echo p50', 'p99', 'ping p50', 'p99']
const titles = [...head, 'loop p99', 'memory', 'processor', 'connections']
console.log(`| ${titles.join(' | ')} |\n|${'---|'.repeat(titles.length)}`)
if (values.mixed) {
  const memory: string[] = []
  const soaked = await soak(({ bridgePort }) => Promise.resolve(audience(bridgePort, 200, 60_000)), {
    ...{ seconds, speed: 1, platforms: ['A', 'B', 'C', 'D'], pingEveryMs: 500, everySeconds: 60 },
    told: (at, bytes) => {
      memory.push(`| ${at / 60} | ${mebibytes(bytes)} |`)
      console.error(`${at / 60} min: ${mebibytes(bytes)} MiB`)
    },
  })
  row('200 viewers, some slow or frozen, all cut each minute', soaked)
  console.log(`\n| minute | memory, MiB |\n|---|---|\n${memory.join('\n')}`)
} else {
  const nothing: Beside = () => Promise.resolve({ connections: 0, stop: () => Promise.resolve() })
  const options = { seconds, speed: 10, platforms: ['A'], pingEveryMs: 20 }
  if ('nothing'.includes(values.only)) row('nothing', await soak(nothing, options))
  for (const attack of attacks) {
    if (attack[0].includes(values.only)) row(attack[0], await soak(attackedBy(attack), options))
  }
}
process.exit(0)

function row(what: string, { figures, peakBytes, loopP99Ms, cpu, connections }: Soaked): void {
  const { answers, echoes, pings, refused } = figures
  for (const one of refused.slice(0, 5)) console.error(`${what}: ${one}`)
  const both = (list: readonly number[]): string[] =>
    [0.5, 0.99].map((share) =>
      percentile(
        list.toSorted((a, b) => a - b),
        share,
      ).toFixed(1),
    )
  const cells = [
    ...[what, answers.length, refused.length, ...both(answers), ...both(echoes), ...both(pings)],
    ...[loopP99Ms.toFixed(1), `${mebibytes(peakBytes)} MiB`, `${Math.round(cpu * 100)} %`, connections],
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
