import type { Words } from './words.ts'

const width = 100
const height = 24
/** The chart's top is at least this, so that a steady 40 ms doesn't look like mountains. */
const leastTopMs = 200

/** The delays of the last presses, the newest right; says the same in words. */
export function Sparkline({
  words,
  delaysMs,
}: {
  readonly words: Words
  readonly delaysMs: readonly number[]
}) {
  if (delaysMs.length < 2) return null
  const top = Math.max(leastTopMs, ...delaysMs)
  const points = delaysMs.map((ms, index) => {
    const x = (index / (delaysMs.length - 1)) * width
    return `${x.toFixed(1)},${(height - 1 - (ms / top) * (height - 2)).toFixed(1)}`
  })
  const label = words.texts.seat.delayChart(
    delaysMs.length,
    words.ms(Math.min(...delaysMs)),
    words.ms(Math.max(...delaysMs)),
  )
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <polyline points={points.join(' ')} vector-effect="non-scaling-stroke" />
    </svg>
  )
}
