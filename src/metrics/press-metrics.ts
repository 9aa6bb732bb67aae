import { Counter, Histogram, type Registry } from 'prom-client'
import { pressOutcomes, type PressReport, type PressVerdict } from '../protocol/contract/press-report.ts'
import { parseSeatKey, seatKey } from '../protocol/contract/seat.ts'
import { prefix } from './prefix.ts'

/**
 * Seconds. The phones turn amber at 400 ms and red at 800 ms, an echo counts as missing after 1.5 s, and a broker on
 * the same continent answers within 50 ms.
 */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3]

/** What became of presses, told by each report as it comes. */
export class PressMetrics {
  readonly #presses: Counter<'outcome'>
  readonly #toBroker: Histogram<'seat'>
  readonly #toEcho: Histogram<'seat'>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#presses = new Counter({
      name: `${prefix}presses_total`,
      help: 'Presses of officials by what became of them; taken: owlcms echoed it.',
      labelNames: ['outcome'],
      registers,
    })
    // So that the first press of an outcome shows as a rise from 0.
    for (const outcome of pressOutcomes) this.#presses.inc({ outcome: word(outcome) }, 0)
    this.#toBroker = new Histogram({
      name: `${prefix}press_to_broker_seconds`,
      help: 'From the arrival of a press at the bridge to the acknowledgement of the broker.',
      labelNames: ['seat'],
      buckets,
      registers,
    })
    this.#toEcho = new Histogram({
      name: `${prefix}press_to_echo_seconds`,
      help: 'From the arrival of a press at the bridge to the echo of owlcms, the proof that it was taken.',
      labelNames: ['seat'],
      buckets,
      registers,
    })
  }

  ended({ outcome, seat, brokerMs, echoMs }: PressReport): void {
    this.#presses.inc({ outcome: word(outcome) })
    const labels = { seat: seatLabel(seat) }
    if (brokerMs !== undefined) this.#toBroker.observe(labels, brokerMs / 1000)
    if (echoMs !== undefined) this.#toEcho.observe(labels, echoMs / 1000)
  }
}

const outcomeWords: Readonly<Record<PressVerdict, string>> = {
  taken: 'taken',
  notTaken: 'not_taken',
  delivered: 'delivered',
  tooLate: 'too_late',
  refused: 'refused',
  offline: 'offline',
  lost: 'lost',
  drill: 'drill',
}
const word = (outcome: PressVerdict): string => outcomeWords[outcome]

/** One of a handful of words, whatever was told (R7). */
function seatLabel(seat: string): string {
  const parsed = parseSeatKey(seat)
  return parsed === undefined ? 'unknown' : seatKey(parsed)
}
